# SPDX-License-Identifier: Apache-2.0
# Reads *.scenario files. CONTRIBUTING.md tells how to write one; tools/xmpptest/verbs/ has the verbs.
#
#   # comment
#   config: plain, direct        (header: templates of tests/scenarios/configs to run under)
#   server: own                  (header: a fresh server for this file; its dialogues run one after the other)
#
#   == a sentence that names the dialogue (RFC 6120 §4)
#   alice sends <presence/>
#     <continued by indentation/>
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Line:
    number: int
    text: str


@dataclass
class Dialogue:
    path: Path
    number: int
    name: str
    lines: list = field(default_factory=list)


@dataclass
class ScenarioFile:
    path: Path
    configs: list
    own_server: bool
    dialogues: list


class WrittenWrong(Exception):
    pass


def read(path):
    header, dialogues = {}, []
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = raw.rstrip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("== "):
            dialogues.append(Dialogue(path, number, text[3:].strip()))
        elif not dialogues:
            key, colon, value = text.partition(":")
            if not colon or key not in ("config", "server"):
                raise WrittenWrong(f"{path}:{number}: expected 'config: …', 'server: own' or '== a name'")
            header[key] = value.strip()
        elif text[0] in " \t":
            if not dialogues[-1].lines:
                raise WrittenWrong(f"{path}:{number}: nothing to continue")
            dialogues[-1].lines[-1].text += "\n" + text.strip()
        else:
            dialogues[-1].lines.append(Line(number, text))
    names = [d.name for d in dialogues]
    for dialogue in dialogues:
        if " " not in dialogue.name:
            raise WrittenWrong(f"{path}:{dialogue.number}: a dialogue's name is a sentence")
        if names.count(dialogue.name) > 1:
            raise WrittenWrong(f"{path}:{dialogue.number}: two dialogues have this name")
    configs = [c.strip() for c in header.get("config", "plain").split(",")]
    return ScenarioFile(path, configs, header.get("server") == "own", dialogues)
