#!/usr/bin/python3
"""Goal: reports and histories are what their schemas say.

usage: validate_report.py FILE...    each a JSON report or a history (JSON Lines)

A file whose first line holds "history" is a history. Also holds the report's schema itself to
our rule: every member described, no object open to unknown members. Needs python3-jsonschema.
Exit 0: all is well; 1: something is not, or no file was given.
"""

import json
import os
import sys

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMAS = os.path.join(HERE, "..", "..", "reports")


def no_repeated_keys(pairs):
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError("a key stands twice in %s" % names)
    return dict(pairs)


def strict(text):
    """JSON as other readers take it: no NaN, no key twice."""

    def refuse(word):
        raise ValueError("%s is no JSON" % word)

    return json.loads(text, object_pairs_hook=no_repeated_keys, parse_constant=refuse)


def validator(name):
    with open(os.path.join(SCHEMAS, name), encoding="utf-8") as file:
        schema = strict(file.read())
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def open_ends(schema, place="#"):
    """Yields what in the report's schema is undescribed or open."""
    if not isinstance(schema, dict):
        return
    if "description" not in schema and "$ref" not in schema:
        yield "%s has no description" % place
    if schema.get("type") == "object" and "additionalProperties" not in schema:
        yield "%s is open to unknown members" % place
    if set(schema.get("properties", {})) != set(schema.get("required", [])):
        yield "%s: required differs from properties" % place
    parts = {"items": schema.get("items")}
    parts.update(schema.get("properties", {}))
    parts.update(schema.get("definitions", {}))
    for name, part in parts.items():
        yield from open_ends(part, place + "/" + name)


def complaints_of(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        lines = file.read().split("\n")
    if lines[-1] != "":
        yield "does not end with a line feed"
    is_history = "history" in strict(lines[0])
    if not is_history and len(lines) != 2:
        yield "a report is one line"
    schema = validator("history.schema.json" if is_history else "report.schema.json")
    for number, line in enumerate(lines[:-1], 1):
        for error in schema.iter_errors(strict(line)):
            yield "line %d: %s: %s" % (number, error.json_path, error.message)


def main(paths):
    complaints = list(open_ends(validator("report.schema.json").schema))
    for path in paths:
        try:
            complaints += ["%s: %s" % (path, complaint) for complaint in complaints_of(path)]
        except (OSError, ValueError) as error:
            complaints.append("%s: %s" % (path, error))
    if not paths:
        complaints.append(__doc__.split("\n")[2])
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
