#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""manual.py PAGES PROGRAM...: compares the manual pages with what the programs print for --help, which
is read here as a person reads it. Every command has its page and every page its command, with the same
options, arguments and examples."""

import os
import re
import subprocess
import sys

NAMES = re.compile(r"^ {2}(-\S+)")


def help_of(program, words):
    return subprocess.run([program, *words, "--help"], check=True, capture_output=True, text=True).stdout


def section(text, title):
    """The lines below `title`, up to the next empty one."""
    lines = text.splitlines()
    if title not in lines:
        return []
    start = lines.index(title) + 1
    end = next((i for i in range(start, len(lines)) if not lines[i]), len(lines))
    return lines[start:end]


def said_by_help(text):
    """Options and arguments of a command, and the lines of its examples."""
    head = text[:text.find("Examples:")] if "Examples:" in text else text
    options = {name for line in head.splitlines() for found in [NAMES.match(line)] if found
               for name in found[1].split(",")}
    arguments = {line.split()[0] for line in section(text, "Positionals:") if line.startswith("  ")
                 and not line.startswith("   ")}
    examples = {line.strip() for line in section(text, "Examples:") if re.match(r" {2}\S", line)}
    return options, arguments, examples


def said_by_page(path):
    """The same, out of the page as it is shown."""
    shown = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=300", path], check=True,
                           capture_output=True).stdout
    shown = re.sub(r".\x08", "", shown.decode())  # bold and underlined
    parts = re.split(r"^([A-Z][A-Z ]+)$", shown, flags=re.M)
    sections = dict(zip(parts[1::2], parts[2::2]))
    items = [line.strip() for line in sections["OPTIONS"].splitlines() if re.match(r" {5}\S", line)]
    options = {name for item in items for name in re.findall(r"(?<!\S)--?[a-z][a-z0-9-]*", item)
               if item.startswith("-")}
    arguments = {item.split()[0] for item in items if not item.startswith("-")}
    examples = {line.strip() for line in sections.get("EXAMPLES", "").splitlines()}
    return options, arguments, examples, sections


def walk(program, words, pages, problems):
    """Compares one command and those below it; gives how many there were."""
    name = "-".join([os.path.basename(program), *words])
    path = f"{pages}/man1/{name}.1"
    text = help_of(program, words)
    count = 1
    if not os.path.exists(path):
        problems.append(f"{name} has no page")
    else:
        options, arguments, examples = said_by_help(text)
        in_page = said_by_page(path)
        if options != in_page[0]:
            problems.append(f"{name}: options of one side only: {sorted(options ^ in_page[0])}")
        groups = {item for item in in_page[1] if " " in item}
        if arguments != in_page[1] - groups:
            problems.append(f"{name}: arguments {sorted(arguments)}, in the page {sorted(in_page[1])}")
        if not examples <= in_page[2]:
            problems.append(f"{name}: examples {sorted(examples - in_page[2])} are not in the page")
        for wanted in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "SEE ALSO"):
            if wanted not in in_page[3]:
                problems.append(f"{name}: no section {wanted}")
    for line in section(text, "Subcommands:"):
        if re.match(r" {2}\S", line):
            count += walk(program, [*words, line.split()[0]], pages, problems)
    return count


def main():
    pages, programs, problems = sys.argv[1], sys.argv[2:], []
    count = sum(walk(program, [], pages, problems) for program in programs)
    if count != len(os.listdir(f"{pages}/man1")):
        problems.append(f"{count} commands, {len(os.listdir(pages + '/man1'))} pages")
    if count < 40:
        problems.append(f"only {count} commands were found")
    if problems:
        sys.exit("FAIL: " + "\n      ".join(problems))
    print(f"   {count} commands")


if __name__ == "__main__":
    main()
