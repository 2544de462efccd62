"""Makes pgbench's script of a chat from Postgres's log (log_statement = all, log_line_prefix = '%u|') of two chats.

    turn.py FIRST_LOG SECOND_LOG PSQL URL SCRIPT

Writes SCRIPT, in which each transaction is one pipeline, and prints the variables that it needs, NAME=VALUE, each with a
NUL after it. Ids that the chats do not share are made anew in each run, ascending as the server's are, from the variable
`start`; all other values are the second chat's.
"""

import re
import subprocess
import sys

STATEMENT = re.compile(r"agentes_app\|LOG:  execute [^:]+: (.*)", re.DOTALL)
PARAMETERS = re.compile(r"agentes_app\|DETAIL:  [Pp]arameters: (.*)", re.DOTALL)
PARAMETER = re.compile(r"\$\d+ = (?:NULL|'((?:[^']|'')*)')")
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def read(path):
    """The statements of a log in their order, each with its parameters."""
    with open(path, encoding="utf-8") as file:
        entries = re.split(r"\n(?!\t)", file.read())
    statements = []
    for entry in (entry.replace("\n\t", "\n") for entry in entries):
        if match := STATEMENT.fullmatch(entry):
            statements.append((match[1].strip(), []))
        elif match := PARAMETERS.fullmatch(entry):
            statements[-1][1].extend(
                None if value[1] is None else value[1].replace("''", "'") for value in PARAMETER.finditer(match[1])
            )
    return statements


def parameter_types(statements, psql, url):
    """Each statement's, as Postgres infers them."""
    commands = [f"PREPARE q{index} AS {sql}" for index, sql in enumerate(statements) if "$1" in sql]
    commands.append("SELECT name, array_to_string(parameter_types, '|') FROM pg_prepared_statements")
    arguments = [argument for command in commands for argument in ("--command", command)]
    answer = subprocess.run(
        [psql, url, "-X", "--quiet", "--tuples-only", "--no-align", "--field-separator", "=", *arguments],
        check=True, capture_output=True, text=True,
    )
    types = dict(line.split("=") for line in answer.stdout.splitlines())
    return [types.get(f"q{index}", "").split("|") for index in range(len(statements))]


class Script:
    def __init__(self, fresh):
        self.lines = []
        self.variables = {}
        self.fresh = {uuid: f"fresh{index}" for index, uuid in enumerate(sorted(set(fresh)))}

    def expression(self, value, kind):
        """What stands in a parameter's place."""
        if value is None:
            return f"NULL::{kind}"
        if value.startswith("{\"") or not any(uuid in self.fresh for uuid in UUID.findall(value)):
            return f"{self.variable(value)}::{kind}"
        parts = re.split(f"({UUID.pattern})", value)
        made = [
            f"lpad(:{self.fresh[part]}::text, 32, '0')" if part in self.fresh else f"{self.variable(part)}::text"
            for part in parts if part
        ]
        return f"({' || '.join(made)})::{kind}"

    def variable(self, value):
        return f":{self.variables.setdefault(value, f'value{len(self.variables)}')}"

    def transaction(self, statements):
        self.lines += ["\\startpipeline", *(f"{statement};" for statement in statements), "\\endpipeline"]

    @property
    def text(self):
        # Below the hundred thousand chats of a client and its hundred ids of a chat, clients do not meet.
        made = [
            f"\\set {name} :start + :client_id * 10000000 + :turn * 100 + {index}"
            for index, name in enumerate(self.fresh.values())
        ]
        return "\n".join(["\\set turn :turn + 1", *made, *self.lines]) + "\n"


def transactions(statements):
    """The statements of each: those from BEGIN to COMMIT, or a setting and what is run under it."""
    current = []
    for statement in statements:
        is_setting = statement.startswith("SELECT set_config(")
        if current and not current[0].startswith("BEGIN") and is_setting:
            yield current
            current = []
        if statement.startswith("BEGIN") and current:
            yield current
            current = []
        current.append(statement)
        if statement == "COMMIT":
            yield current
            current = []
    if current:
        yield current


def main(first_log, second_log, psql, url, path):
    first, second = read(first_log), read(second_log)
    if not second or [sql for sql, _ in first] != [sql for sql, _ in second]:
        raise SystemExit(f"two chats ran different statements: {first}; {second}")
    known = set(UUID.findall(repr(first)))
    script = Script(uuid for uuid in UUID.findall(repr(second)) if uuid not in known)
    statements = []
    for (sql, values), kinds in zip(second, parameter_types([sql for sql, _ in second], psql, url)):
        values = [script.expression(value, kind) for value, kind in zip(values, kinds)]
        statements.append(re.sub(r"\$(\d+)", lambda match: values[int(match[1]) - 1], sql))
    for transaction in transactions(statements):
        script.transaction(transaction)
    with open(path, "w", encoding="utf-8") as file:
        file.write(script.text)
    for value, name in script.variables.items():
        print(f"{name}={value}", end="\0")


main(*sys.argv[1:])
