# SPDX-License-Identifier: Apache-2.0
# Completion, by the shells themselves.
import shutil
import subprocess

from xmpptest.runner import expect, test


def completed(office, line):
    """What bash offers for the line."""
    script = office.program("completion", "bash").out + f"""
COMP_LINE={line!r}
read -ra COMP_WORDS <<<"$COMP_LINE"
[[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
COMPREPLY=()
complete -p meerkat >/dev/null || exit 3
_meerkat
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "--norc", "-uc", script], capture_output=True, text=True, cwd=office.directory)
    expect(done.returncode == 0 and not done.stderr, done)
    return set(done.stdout.split())


@test("bash completes commands, options, choices and files")
def bash(office):
    expect({"account", "session", "status", "serve", "version"} <= completed(office, "meerkat "))
    expect(completed(office, "meerkat acc") == {"account"})
    expect({"get", "set", "count-active", "list-old", "remove-old"} <= completed(office, "meerkat last "))
    expect(completed(office, "meerkat last set --ti") == {"--timestamp"})
    expect({"register", "ban", "list"} <= completed(office, "meerkat account "))
    expect(completed(office, "meerkat account re") == {"register"})
    expect({"--password-stdin", "--json"} <= completed(office, "meerkat account register --"))
    expect(completed(office, "meerkat account list --li") == {"--limit"})
    expect({"debug", "info"} <= completed(office, "meerkat log level "))
    expect(completed(office, "meerkat completion z") == {"zsh"})
    expect(completed(office, "meerkat status --config meerk") == {"meerkat.toml"})


@test("fish completes the same, where there is a fish")
def fish(office):
    shell = shutil.which("fish")
    if not shell:
        return
    script = office.program("completion", "fish").out
    for line, word in (("meerkat acc", "account"), ("meerkat account re", "register"),
                       ("meerkat account list --li", "--limit"), ("meerkat log level de", "debug")):
        done = subprocess.run([shell, "--no-config", "-c", f"{script}\ncomplete -C '{line}'"], capture_output=True, text=True)
        expect(any(each.split("\t")[0] == word for each in done.stdout.splitlines()) and not done.stderr, line, done)


@test("zsh understands its script, where there is a zsh")
def zsh(office):
    shell = shutil.which("zsh")
    if not shell:
        return
    script = office.program("completion", "zsh").out
    setup = "autoload -U compinit && compinit -u -D\n"
    offer = """
_describe() { print -l -- "${(P@)2}" }
words=(meerkat account re) CURRENT=3
_meerkat
[[ ${_comps[meerkat]} == _meerkat ]] && print registered
"""
    done = subprocess.run([shell, "-f", "-c", setup + script + offer], capture_output=True, text=True)
    expect("register:Makes an account." in done.stdout and "registered" in done.stdout.split() and not done.stderr, done)
