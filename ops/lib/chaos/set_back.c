// Preloaded, it sets the wall clock of a process back by an hour once it has run for three seconds.
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    static time_t start;
    struct timespec running;
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result != 0 || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return result;
    syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &running);
    if (start == 0) start = running.tv_sec;
    if (running.tv_sec - start >= 3) now->tv_sec -= 3600;
    return 0;
}
