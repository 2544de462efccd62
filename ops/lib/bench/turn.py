"""Makes pgbench's script of a chat from Postgres's log (log_statement = all, log_line_prefix = '%u|%v|') of two
chats.

    turn.py FIRST_LOG SECOND_LOG PSQL URL SCRIPT

Writes SCRIPT, in which each transaction is one pipeline, and prints the variables that it needs, NAME=VALUE, each with a
NUL after it. Ids that the chats do not share are made anew in each run, ascending as the server's are, from the variable
`start`; all other values are the second chat's.
"""

import re
import subprocess
import sys

STATEMENT = re.compile(r"agentes_app\|([^|]*)\|LOG:  execute [^:]+: (.*)", re.DOTALL)
PARAMETERS = re.compile(r"agentes_app\|([^|]*)\|DETAIL:  [Pp]arameters: (.*)", re.DOTALL)
PARAMETER = re.compile(r"\$\d+ = (?:NULL|'((?:[^']|'')*)')")
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def read(path):
    """The transactions of a log, of each its statements with their parameters: first those of one round trip, which a chat
    makes beside the others, then the others in the order in which they began."""
    with open(path, encoding="utf-8") as file:
        entries = re.split(r"\n(?!\t)", file.read())
    transactions = {}
    for entry in (entry.replace("\n\t", "\n") for entry in entries):
        if match := STATEMENT.fullmatch(entry):
            transactions.setdefault(match[1], []).append((match[2].strip(), []))
        elif match := PARAMETERS.fullmatch(entry):
            transactions[match[1]][-1][1].extend(
                None if value[1] is None else value[1].replace("''", "'") for value in PARAMETER.finditer(match[2])
            )
    return sorted(transactions.values(), key=lambda statements: statements[0][0].startswith("BEGIN"))


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


def statements_of(transactions):
    return [sql for transaction in transactions for sql, _ in transaction]


def main(first_log, second_log, psql, url, path):
    first, second = read(first_log), read(second_log)
    if not second or statements_of(first) != statements_of(second):
        raise SystemExit(f"two chats ran different statements: {first}; {second}")
    known = set(UUID.findall(repr(first)))
    script = Script(uuid for uuid in UUID.findall(repr(second)) if uuid not in known)
    types = iter(parameter_types(statements_of(second), psql, url))
    for transaction in second:
        statements = []
        for sql, values in transaction:
            values = [script.expression(value, kind) for value, kind in zip(values, next(types))]
            statements.append(re.sub(r"\$(\d+)", lambda match: values[int(match[1]) - 1], sql))
        script.transaction(statements)
    with open(path, "w", encoding="utf-8") as file:
        file.write(script.text)
    for value, name in script.variables.items():
        print(f"{name}={value}", end="\0")


main(*sys.argv[1:])
