// getaddrinfo for a program under test, which loads it before libc (LD_PRELOAD): names have the addresses that SCRIPTED_NAMES
// says, one answer after the other, the last again and again; every other name goes to libc.
//
//   SCRIPTED_NAMES="name=address,address|address other=address"   '|' between answers, ',' between an answer's addresses
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef int (*look_up)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *script;

// The next answer of a name; NULL where it has none. Each answer but the last is struck out when it has been given.
static char *next_answer(const char *name) {
    char *found = NULL;
    pthread_mutex_lock(&lock);
    if (!script) script = strdup(getenv("SCRIPTED_NAMES") ?: "");
    size_t length = strlen(name);
    if (length > 0 && name[length - 1] == '.') length--;
    for (char *entry = script; *entry; entry += strcspn(entry, " "), entry += strspn(entry, " ")) {
        if (strncmp(entry, name, length) != 0 || entry[length] != '=') continue;
        char *answer = entry + length + 1;
        answer += strspn(answer, "|");
        size_t size = strcspn(answer, "| ");
        found = strndup(answer, size);
        if (answer[size] == '|') memset(answer, '|', size);
        break;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **list) {
    look_up real = (look_up)dlsym(RTLD_NEXT, "getaddrinfo");
    char *answer = name ? next_answer(name) : NULL;
    if (!answer) return real(name, service, hints, list);
    *list = NULL;
    int code = EAI_NONAME;
    char *rest = answer;
    for (char *address; (address = strsep(&rest, ","));) {
        struct addrinfo *found;
        code = real(address, service, hints, &found);
        if (code != 0) break;
        struct addrinfo **end = list;
        while (*end) end = &(*end)->ai_next;
        *end = found;
    }
    free(answer);
    return code;
}
