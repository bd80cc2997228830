"""What commands really do, of busybox 1.35 on Docker 20.10 and 28.5."""

from __future__ import annotations

from attrs import frozen


@frozen
class ExecCase:
    """A command beside the process of a container, and what becomes of it."""

    command: tuple[str, ...]
    code: int = 0
    stdout: str = ""
    stderr: str = ""


def sh(script: str) -> tuple[str, ...]:
    """The command that runs a script."""
    return ("sh", "-c", script)


EXEC_CASES = (
    ExecCase(sh('echo "a; b"'), stdout="a; b\n"),
    ExecCase(sh("nosuch"), code=127, stderr="sh: nosuch: not found\n"),
    ExecCase(sh("/no/such"), code=127, stderr="sh: /no/such: not found\n"),
    ExecCase(sh("./nosuch"), code=127, stderr="sh: ./nosuch: not found\n"),
    ExecCase(sh("false || echo fallback"), stdout="fallback\n"),
    ExecCase(sh("echo $HOME $A $B '$A' \"$B\""), stdout="/root 1 x y $A x y\n"),
    ExecCase(sh("echo x >/dev/null")),
    ExecCase(sh("echo x 2>&1"), stdout="x\n"),
    ExecCase(("sh", "-ec", "false; echo no"), code=1),
    ExecCase(("test", "-d", "/nosuch"), code=1),
    ExecCase(("echo", "-n", "x"), stdout="x"),
    ExecCase(("echo", "-e", "a\\nb"), stdout="a\nb\n"),
    ExecCase(("echo", "-en", "a\\tb"), stdout="a\tb"),
    ExecCase(("seq", "3"), stdout="1\n2\n3\n"),
    ExecCase(("seq", "2", "4"), stdout="2\n3\n4\n"),
    ExecCase(("pwd",), stdout="/\n"),
    ExecCase(("hostname",), stdout="box\n"),
    ExecCase(("printf", "%s-%d\\n", "a", "5"), stdout="a-5\n"),
    ExecCase(("printf", "%s\\n", "a", "b"), stdout="a\nb\n"),
    ExecCase(("printf", "100%%"), stdout="100%"),
    ExecCase(sh('echo "a'), code=2, stderr="sh: syntax error: unterminated quoted string\n"),
    ExecCase(
        sh('echo a; echo "b'), code=2, stderr="sh: syntax error: unterminated quoted string\n"
    ),
    ExecCase(
        sh('echo a\necho "b'),
        code=2,
        stdout="a\n",
        stderr="sh: syntax error: unterminated quoted string\n",
    ),
    ExecCase(("sleep", "x"), code=1, stderr="sleep: invalid number 'x'\n"),
    ExecCase(sh("sleep x; echo $?"), stdout="1\n", stderr="sleep: invalid number 'x'\n"),
    ExecCase(("timeout", "1", "sleep", "5"), code=143),
    ExecCase(("timeout", "5", "sh", "-c", "echo hi; exit 3"), code=3, stdout="hi\n"),
    ExecCase(sh("exit 300"), code=44),
    ExecCase(sh("A=2 sh -c 'echo $A'; echo $A"), stdout="2\n1\n"),
    ExecCase(sh("A=2; echo ${A}x"), stdout="2x\n"),
    ExecCase(("env", "C=3", "sh", "-c", "echo $C"), stdout="3\n"),
    ExecCase(("env", "-i", "C=3", "env"), stdout="C=3\n"),
    ExecCase(sh("exec echo it; echo no"), stdout="it\n"),
    ExecCase(sh("cd /tmp && pwd && echo $PWD"), stdout="/tmp\n/tmp\n"),
    ExecCase(("cat",)),
    ExecCase(("sh",)),
    ExecCase(("cat", "/dev/null")),
    ExecCase(("cat", "/etc/hostname"), stdout="box\n"),
    ExecCase(
        ("cat", "/nosuch"), code=1, stderr="cat: can't open '/nosuch': No such file or directory\n"
    ),
    ExecCase(sh("set -e; false || true; echo ok; false; echo no"), code=1, stdout="ok\n"),
    ExecCase(
        sh("set -e; if false; then :; fi; ! true; echo ok; (exit 3); echo no"),
        code=3,
        stdout="ok\n",
    ),
    ExecCase(sh("false && echo a; echo $?"), stdout="1\n"),
    ExecCase(sh("echo a # b; c\necho d"), stdout="a\nd\n"),
    ExecCase(sh("[ -e /tmp ] && [ ! -d /nope ] && echo both"), stdout="both\n"),
    ExecCase(sh("[ x = x"), code=2, stderr="sh: missing ]\n"),
    ExecCase(("[", "x", "=", "x"), code=2, stderr="[: missing ]\n"),
    ExecCase(sh("sleep 0.2 & wait $!; echo done"), stdout="done\n"),
    ExecCase(sh("(exit 3) & wait $!; echo $?"), stdout="3\n"),
    ExecCase(sh("sleep 0.3 & sleep 0.1 & wait; echo $?"), stdout="0\n"),
    ExecCase(sh("while false; do :; done; echo after"), stdout="after\n"),
    ExecCase(sh("until true; do :; done; echo after"), stdout="after\n"),
    ExecCase(sh("echo out; echo err >&2; exit 3"), code=3, stdout="out\n", stderr="err\n"),
    ExecCase(sh("echo a\\ b 'c  d' e\"f g\""), stdout="a b c  d ef g\n"),
    ExecCase(sh("echo;echo"), stdout="\n\n"),
    ExecCase(sh("; echo"), code=2, stderr='sh: syntax error: unexpected ";"\n'),
    ExecCase(
        sh("while true; do"),
        code=2,
        stderr='sh: syntax error: unexpected end of file (expecting "done")\n',
    ),
    ExecCase(sh("fi"), code=2, stderr='sh: syntax error: unexpected "fi"\n'),
    ExecCase(
        sh("if true; then echo a"),
        code=2,
        stderr='sh: syntax error: unexpected end of file (expecting "fi")\n',
    ),
    ExecCase(sh("echo a; done"), code=2, stderr='sh: syntax error: unexpected "done"\n'),
    ExecCase(
        sh("( echo a"), code=2, stderr='sh: syntax error: unexpected end of file (expecting ")")\n'
    ),
    ExecCase(sh("echo )"), code=2, stderr='sh: syntax error: unexpected ")"\n'),
    ExecCase(sh("sh -c 'exit 4'; echo $?"), stdout="4\n"),
    ExecCase(("busybox", "echo", "x"), stdout="x\n"),
    ExecCase(("printf", "%s")),
    ExecCase(("true",)),
    ExecCase(("false",), code=1),
    ExecCase(sh("")),
    ExecCase(sh("echo $NOT_SET-x"), stdout="-x\n"),
    ExecCase(sh("trap 'exit 0' TERM; echo t"), stdout="t\n"),
    ExecCase(sh("echo 1>&2 e"), stderr="e\n"),
    ExecCase(sh("echo x2>/dev/null")),
    ExecCase(sh("false; exit"), code=1),
    ExecCase(sh("echo $?"), stdout="0\n"),
    ExecCase(sh("(exit 3) ; echo $?"), stdout="3\n"),
    ExecCase(sh("sleep infinity & echo x"), stdout="x\n"),
    ExecCase(sh("sleep infinity & kill $!; wait $! 2>/dev/null; echo $?"), stdout="143\n"),
    ExecCase(sh("x=$(echo hi; exit 3); echo $x $?"), stdout="hi 3\n"),
    ExecCase(sh("x=1 y=$x; echo $x$y"), stdout="11\n"),
    ExecCase(sh("if [ $A = 1 ]; then echo yes; else echo no; fi"), stdout="yes\n"),
    ExecCase(sh("if false; then echo 1; elif true; then echo 2; else echo 3; fi"), stdout="2\n"),
    ExecCase(sh("if false; then echo 1; fi; echo $?"), stdout="0\n"),
    ExecCase(sh("{ echo out; echo err >&2; } 2>/dev/null"), stdout="out\n"),
    ExecCase(sh("(cd /tmp; pwd); pwd"), stdout="/tmp\n/\n"),
    ExecCase(sh("(A=5); echo $A"), stdout="1\n"),
    ExecCase(sh("{ A=5; }; echo $A"), stdout="5\n"),
    ExecCase(sh("for i in 1 2 $B; do echo $i; done"), stdout="1\n2\nx\ny\n"),
    ExecCase(sh("for i in 1 2 3; do [ $i = 2 ] && break; echo $i; done"), stdout="1\n"),
    ExecCase(
        sh("for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done; echo $?"), stdout="1\n3\n0\n"
    ),
    ExecCase(sh("for i in; do echo $i; done; echo none"), stdout="none\n"),
    ExecCase(sh('for i in $(seq 3); do echo "<$i>"; done'), stdout="<1>\n<2>\n<3>\n"),
    ExecCase(("sh", "-c", 'for i; do echo "$i"; done', "me", "a b", "c"), stdout="a b\nc\n"),
    ExecCase(("sh", "-c", 'echo "$@" $# $1 $0', "me", "a b", "c"), stdout="a b c 2 a b me\n"),
    ExecCase(("sh", "-c", 'shift; echo $1; "$@"', "me", "a", "echo", "c"), stdout="echo\nc\n"),
    ExecCase(("sh", "-c", "nosuch", "me"), code=127, stderr="me: line 0: nosuch: not found\n"),
    ExecCase(("sh", "-c", "exec $@", "me", "echo", "a b"), stdout="a b\n"),
    ExecCase(sh("set -- p q; echo $2 $#"), stdout="q 2\n"),
    ExecCase(
        sh('echo ${X:-default} ${A:+set} ${X-} "${EMPTY-kept}" ${EMPTY:-gone} ${Z:=made} $Z'),
        stdout="default set  gone made made\n",
    ),
    ExecCase(sh('echo "${X:-a b}"'), stdout="a b\n"),
    ExecCase(sh('trap "echo bye" EXIT; echo hi'), stdout="hi\nbye\n"),
    ExecCase(sh('trap "echo bye; exit 4" EXIT; exit 3'), code=4, stdout="bye\n"),
    ExecCase(sh('trap "echo bye" EXIT; exit 3'), code=3, stdout="bye\n"),
    ExecCase(sh('export N=7; sh -c "echo \\$N"'), stdout="7\n"),
    ExecCase(
        sh('N=7; sh -c "echo <\\$N>"'), code=2, stderr="sh: syntax error: unexpected end of file\n"
    ),
    ExecCase(sh('unset A; echo "<$A>"'), stdout="<>\n"),
    ExecCase(sh('A=; echo "<$A>"'), stdout="<>\n"),
    ExecCase(
        sh(
            "touch /tmp/c1; test -e /tmp/c1; echo $?; test -s /tmp/c1; echo $?; "
            "rm /tmp/c1; test -e /tmp/c1; echo $?"
        ),
        stdout="0\n1\n1\n",
    ),
    ExecCase(
        sh("echo a >/tmp/c2; echo b >>/tmp/c2; cat /tmp/c2; rm /tmp/c2; cat /tmp/c2"),
        code=1,
        stdout="a\nb\n",
        stderr="cat: can't open '/tmp/c2': No such file or directory\n",
    ),
    ExecCase(
        sh(
            "mkdir -p /tmp/c3/d && cd /tmp/c3/d && touch e && mv e f && "
            "[ -f /tmp/c3/d/f ] && [ ! -e e ] && echo moved"
        ),
        stdout="moved\n",
    ),
    ExecCase(sh("echo x >/tmp/c4; cp /tmp/c4 /tmp/c5; cat /tmp/c5"), stdout="x\n"),
    ExecCase(
        sh("mkdir /tmp"), code=1, stderr="mkdir: can't create directory '/tmp': File exists\n"
    ),
    ExecCase(
        sh("mkdir /no/such"),
        code=1,
        stderr="mkdir: can't create directory '/no/such': No such file or directory\n",
    ),
    ExecCase(sh("touch /no/such"), code=1, stderr="touch: /no/such: No such file or directory\n"),
    ExecCase(
        sh("rm /nosuch"), code=1, stderr="rm: can't remove '/nosuch': No such file or directory\n"
    ),
    ExecCase(sh("rm -f /nosuch")),
    ExecCase(
        sh("cp /nosuch /tmp/x"),
        code=1,
        stderr="cp: can't stat '/nosuch': No such file or directory\n",
    ),
    ExecCase(
        sh("mv /nosuch /tmp/x"),
        code=1,
        stderr="mv: can't rename '/nosuch': No such file or directory\n",
    ),
    ExecCase(sh("chmod 600 /nosuch"), code=1, stderr="chmod: /nosuch: No such file or directory\n"),
    ExecCase(sh("chown 1 /nosuch"), code=1, stderr="chown: /nosuch: No such file or directory\n"),
    ExecCase(
        sh("cd /nosuch; echo $?"),
        stdout="2\n",
        stderr="sh: cd: line 0: can't cd to /nosuch: No such file or directory\n",
    ),
    ExecCase(sh("[ 3 -gt 2 ] && [ 2 -le 2 ] && echo numbers"), stdout="numbers\n"),
    ExecCase(sh('[ "" ] || echo empty'), stdout="empty\n"),
    ExecCase(sh('[ -z "" ] && [ -n x ] && [ x != y ] && echo texts'), stdout="texts\n"),
    ExecCase(sh("test; echo $?"), stdout="1\n"),
    ExecCase(sh('echo "a\\"b" "c\\$d" "e\\f"'), stdout='a"b c$d e\\f\n'),
    ExecCase(sh("echo 'a'\"b\"c"), stdout="abc\n"),
    ExecCase(sh("echo a \\\n b"), stdout="a b\n"),
    ExecCase(sh('echo "$(echo "in ner")"'), stdout="in ner\n"),
    ExecCase(sh("echo $(echo a; echo b)"), stdout="a b\n"),
    ExecCase(sh("true && false || echo third"), stdout="third\n"),
    ExecCase(sh("false && true || echo third"), stdout="third\n"),
    ExecCase(sh("! false && echo not"), stdout="not\n"),
    ExecCase(sh("set -u; echo $NOPE; echo after"), code=2, stderr="sh: NOPE: parameter not set\n"),
    ExecCase(sh("exec 2>&1; echo err >&2"), stdout="err\n"),
    ExecCase(sh("exec nosuch; echo no"), code=127, stderr="sh: exec: line 0: nosuch: not found\n"),
    ExecCase(
        ("env", "nosuch"),
        code=127,
        stderr="env: can't execute 'nosuch': No such file or directory\n",
    ),
    ExecCase(
        ("timeout", "1", "nosuch"),
        code=127,
        stderr="timeout: can't execute 'nosuch': No such file or directory\n",
    ),
    ExecCase(sh("echo 'it'\"'\"'s'"), stdout="it's\n"),
    ExecCase(sh("a=b; a=c echo $a; echo $a"), stdout="b\nb\n"),
    ExecCase(sh("echo -- -n"), stdout="-- -n\n"),
    ExecCase(sh("echo $((1+2))"), stdout="3\n"),
    ExecCase(sh("printf 'a\\tb\\n'"), stdout="a\tb\n"),
    ExecCase(sh("wait; echo $?"), stdout="0\n"),
    ExecCase(sh("wait 12345; echo $?"), stdout="127\n"),
    ExecCase(sh("exit x"), code=2, stderr="sh: exit: line 0: Illegal number: x\n"),
    ExecCase(sh("cd; pwd"), stdout="/root\n"),
    ExecCase(sh("cd ..; pwd"), stdout="/\n"),
    ExecCase(sh('echo "x"; sleep 0.1; echo y >&2'), stdout="x\n", stderr="y\n"),
    ExecCase(sh('sh -e -c "false; echo no"; echo $?'), stdout="1\n"),
    ExecCase(sh('sh -c "exit 5" || echo $?'), stdout="5\n"),
    ExecCase(sh("while :; do break; done; echo out"), stdout="out\n"),
    ExecCase(sh('i=; while [ "$i" != xxx ]; do i=x$i; done; echo $i'), stdout="xxx\n"),
    ExecCase(sh("echo {a,b}"), stdout="{a,b}\n"),
    ExecCase(sh("echo a=b"), stdout="a=b\n"),
    ExecCase(sh('echo "#" a#b #c'), stdout="# a#b\n"),
    ExecCase(sh("usleep 1000; echo ok"), stdout="ok\n"),
    ExecCase(("cat", "/tmp"), code=1, stderr="cat: read error: Is a directory\n"),
    ExecCase(("[", "-d", "/etc", "]")),
    ExecCase(("test", "-f", "/etc/passwd")),
    ExecCase(("sleep", "0.1", "0.1")),
    ExecCase(("busybox", "nosuch"), code=127, stderr="nosuch: applet not found\n"),
    ExecCase(
        ("sh", "/nosuch"), code=2, stderr="sh: can't open '/nosuch': No such file or directory\n"
    ),
    ExecCase(("sh", "-c"), code=2, stderr="sh: -c requires an argument\n"),
    ExecCase(("usleep", "x"), code=1, stderr="usleep: invalid number 'x'\n"),
    ExecCase(
        sh("cd /nosuch\necho x"),
        stdout="x\n",
        stderr="sh: cd: line 0: can't cd to /nosuch: No such file or directory\n",
    ),
    ExecCase(
        sh("\n\ncd /nosuch"),
        code=2,
        stderr="sh: cd: line 2: can't cd to /nosuch: No such file or directory\n",
    ),
    ExecCase(
        sh("if true\nthen\ncd /nosuch\nfi\ncd /nosuch"),
        code=2,
        stderr="sh: cd: line 2: can't cd to /nosuch: No such file or directory\n"
        "sh: cd: line 4: can't cd to /nosuch: No such file or directory\n",
    ),
    ExecCase(
        sh("nosuch\nnosuch"), code=127, stderr="sh: nosuch: not found\nsh: nosuch: not found\n"
    ),
    ExecCase(("sh", "-c", "a=1\nnosuch", "me"), code=127, stderr="me: line 1: nosuch: not found\n"),
    ExecCase(
        sh("echo a\n\ncd /nosuch;cd /nosuch\n"),
        code=2,
        stdout="a\n",
        stderr="sh: cd: line 2: can't cd to /nosuch: No such file or directory\n"
        "sh: cd: line 2: can't cd to /nosuch: No such file or directory\n",
    ),
    ExecCase(sh("timeout 1 sleep 3; echo $?"), stdout="143\n", stderr="Terminated\n"),
    ExecCase(sh("timeout 1.9 sleep 3; echo $?"), stdout="143\n", stderr="Terminated\n"),
    ExecCase(sh("(exit 143); echo $?"), stdout="143\n"),
    ExecCase(sh('sh -c "exit 143"; echo $?'), stdout="143\n"),
    ExecCase(
        sh("{ echo x; } >/no/such; echo $?"),
        stdout="1\n",
        stderr="sh: can't create /no/such: nonexistent directory\n",
    ),
    ExecCase(
        sh("exec >/no/such; echo $?"),
        code=1,
        stderr="sh: can't create /no/such: nonexistent directory\n",
    ),
    ExecCase(
        sh("set -e; echo >/no/such; echo no"),
        code=1,
        stderr="sh: can't create /no/such: nonexistent directory\n",
    ),
    ExecCase(
        sh('echo >/tmp/q1 && cat /tmp/q1 && echo "$(cat /tmp/q1)" && rm /tmp/q1'), stdout="\n\n"
    ),
    ExecCase(sh("exit 3 & wait $!; echo $?"), stdout="3\n"),
    ExecCase(sh('trap "echo a" EXIT; trap "echo b" EXIT; exec true')),
    ExecCase(sh('trap "echo a" EXIT; trap - EXIT')),
    ExecCase(sh("x=1; (x=2; exit 2) || echo $x$?"), stdout="12\n"),
    ExecCase(sh("false || { echo grp; exit 2; }"), code=2, stdout="grp\n"),
    ExecCase(sh("if (exit 2); then :; else echo $?; fi"), stdout="2\n"),
    ExecCase(sh('x="a  b"; echo $x "$x"'), stdout="a b a  b\n"),
    ExecCase(sh('x="-n a"; echo $x'), stdout="a"),
    ExecCase(sh("sh -c \"trap 'echo x' EXIT\""), stdout="x\n"),
    ExecCase(sh('(trap "echo x" EXIT); echo y'), stdout="x\ny\n"),
    ExecCase(sh("i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done"), stdout="0\n1\n2\n"),
    ExecCase(sh("set -e; x=$(false); echo no"), code=1),
    ExecCase(
        sh("set -e; x=$(exit 4) || echo $?; [ a = b ] && echo c; echo end"), stdout="4\nend\n"
    ),
    ExecCase(sh("(sleep 0.2; echo a) & echo b; wait"), stdout="b\na\n"),
    ExecCase(sh("echo a;;"), code=2, stderr='sh: syntax error: unexpected ";;"\n'),
    ExecCase(
        sh("echo $((2*3+1)) $((7/2)) $((-7%3)) $((A+1)) $(( (1+2)*3 ))"), stdout="7 3 -1 2 9\n"
    ),
    ExecCase(
        sh("(:) >/no/x; echo $?; { :; } >/no/x; echo $?; : >/no/x; echo no"),
        code=1,
        stdout="2\n1\n",
        stderr="sh: can't create /no/x: nonexistent directory\n" * 3,
    ),
    ExecCase(
        sh('echo a >"$NONE"; echo b 2>/dev/null >/no/x; echo $?'),
        stdout="1\n",
        stderr="sh: can't create : nonexistent directory\n",
    ),
    ExecCase(
        sh("set -e; if true; then false && true; fi; { false && true; }; echo on; (false && true)"),
        code=1,
        stdout="on\n",
    ),
    ExecCase(
        sh("set a; shift 2; echo $? $#; false; for i in b; do echo $?; done"), stdout="1 1\n1\n"
    ),
    ExecCase(sh("x=1; x=5 :; echo $x; x=\\\n true; echo $x"), stdout="5\n5\n"),
    ExecCase(
        sh("mkdir one two one/three; rmdir one two; touch /no/a four; rm -- one no four"),
        code=1,
        stderr="rmdir: 'one': Directory not empty\ntouch: /no/a: No such file or directory\n"
        "rm: 'one' is a directory\nrm: can't remove 'no': No such file or directory\n",
    ),
    ExecCase(
        sh(
            "mkdir i; echo a >i/f; cp i j; cp -r i k; mv i l; cat l/f k/f; cp l/f l/f; mv l/f l/f; cat l/f i/"
        ),
        code=1,
        stdout="a\na\na\n",
        stderr="cp: omitting directory 'i'\ncp: 'l/f' and 'l/f' are the same file\n"
        "cat: can't open 'i/': No such file or directory\n",
    ),
    ExecCase(
        sh("echo >o1; cp o1 no o2; mv o1 /no/x; mkdir -p o1; cd o1; cat o1/x"),
        code=1,
        stderr="cp: can't create 'o2/o1': No such file or directory\n"
        "cp: can't stat 'no': No such file or directory\nmv: can't rename 'o1': No such file or directory\n"
        "mkdir: can't create directory 'o1': File exists\nsh: cd: line 0: can't cd to o1: Not a directory\n"
        "cat: can't open 'o1/x': Not a directory\n",
    ),
    ExecCase(("echo", "-e", r"\033[1m\x41\e\101\cno"), stdout="\x1b[1mA\x1bA"),
    ExecCase(
        sh(r"printf -- '-%s\n' a; cat ''; touch ''"),
        code=1,
        stdout="-a\n",
        stderr="cat: can't open '': No such file or directory\ntouch: : No such file or directory\n",
    ),
    ExecCase(
        sh("if true; then echo a (b); fi"),
        code=2,
        stderr='sh: syntax error: unexpected "(" (expecting "fi")\n',
    ),
    ExecCase(sh("echo hi | cat"), stdout="hi\n"),
    ExecCase(sh("false | true; echo $?"), stdout="0\n"),
    ExecCase(sh("true | false; echo $?"), stdout="1\n"),
    ExecCase(sh("! true | false; echo $?"), stdout="0\n"),
    ExecCase(sh("echo a | { cat; cat; echo b; }"), stdout="a\nb\n"),
    ExecCase(sh("echo a 2>&1 >/dev/null | cat; echo $?"), stdout="0\n"),
    ExecCase(sh('echo "exit 3" | sh; echo $?'), stdout="3\n"),
    ExecCase(sh("echo x | tee /tmp/t1; cat /tmp/t1"), stdout="x\nx\n"),
    ExecCase(sh("x=1; echo a | { x=2; }; echo $x"), stdout="1\n"),
    ExecCase(sh("set -e; true | false; echo no"), code=1),
    ExecCase(sh("echo a |"), code=2, stderr="sh: syntax error: unexpected end of file\n"),
    ExecCase(sh("| cat"), code=2, stderr='sh: syntax error: unexpected "|"\n'),
    ExecCase(sh("nosuch | cat; echo $?"), stdout="0\n", stderr="sh: nosuch: not found\n"),
    ExecCase(sh("for i in 1 2; do echo $i; done | cat"), stdout="1\n2\n"),
    ExecCase(sh("if echo a | cat; then echo y; fi"), stdout="a\ny\n"),
    ExecCase(sh("cat | cat")),
    ExecCase(
        sh(
            "for i in 1; do (break; echo no); x=$(break; echo no); echo $?$x; done; x=$(no) 2>&1; echo $x"
        ),
        stdout="0\nsh: no: not found\n\n",
    ),
    ExecCase(
        sh(
            "set -eu; ! { false; echo on; }; trap 'echo bye' EXIT; (: $NONE) 2>/dev/null || exec no"
        ),
        code=127,
        stdout="on\nbye\n",
        stderr="sh: exec: line 0: no: not found\n",
    ),
    ExecCase(
        sh("until (test $n) do n=1; done; if { echo a; } then echo b; fi; (echo c) echo d"),
        code=2,
        stderr="sh: syntax error: unexpected word\n",
    ),
    ExecCase(sh("until (test $n) do n=1; done; if { echo a; } then echo b; fi"), stdout="a\nb\n"),
)


@frozen
class OwnCase:
    """The process of a container that is stopped some time after its start, and what becomes of it."""

    command: tuple[str, ...]
    code: int = 0
    stdout: str = ""
    stderr: str = ""
    is_stopped: bool = False
    """Whether it has not ended by then."""
    has_input: bool = False
    has_init: bool = False


KILLED = 137
OWN_CASES = (
    OwnCase(("tail", "-f", "/dev/null"), code=KILLED, is_stopped=True),
    OwnCase(("sleep", "infinity"), code=KILLED, is_stopped=True),
    OwnCase(("sleep", "infinity"), code=143, is_stopped=True, has_init=True),
    OwnCase(("httpd", "-f", "-p", "8080"), code=KILLED, is_stopped=True),
    OwnCase(("httpd", "-p", "8081")),
    OwnCase(("cat",)),
    OwnCase(("cat",), code=KILLED, is_stopped=True, has_input=True),
    OwnCase(("sh",), code=KILLED, is_stopped=True, has_input=True),
    OwnCase(("timeout", "1", "sleep", "1.2")),
    OwnCase(sh("timeout 1 sleep 5; exit $?"), code=143, stderr="Terminated\n"),
    OwnCase(sh("nosuch"), code=127, stderr="sh: nosuch: not found\n"),
    OwnCase(sh("exit 3 & wait")),
    OwnCase(sh("echo a; sleep 0.2; echo b >&2; printf c"), stdout="a\nc", stderr="b\n"),
    OwnCase(sh("printf a; sleep 0.2; echo b; exit 4"), code=4, stdout="ab\n"),
    OwnCase(sh("trap 'echo bye' EXIT; exit 3"), code=3, stdout="bye\n"),
    OwnCase(sh("while true; do echo tick; sleep 1000; done"), KILLED, "tick\n", is_stopped=True),
    OwnCase(sh("trap 'exit 7' TERM; sleep 1000"), code=KILLED, is_stopped=True),
    OwnCase(sh("trap 'echo got; exit 7' TERM; sleep 3"), 7, "got\n", is_stopped=True),
    OwnCase(sh("trap 'exit 7' TERM; sleep 1000 & wait"), code=7, is_stopped=True),
    OwnCase(sh("trap 'exit 7' TERM; exec sleep 1000"), code=KILLED, is_stopped=True),
    OwnCase(sh("trap '' TERM; sleep 1000"), code=KILLED, is_stopped=True),
    OwnCase(sh("trap - TERM; sleep 1000"), code=143, is_stopped=True, has_init=True),
    OwnCase(
        sh("trap 'echo got; exit 5' TERM; while true; do sleep 0.1; done"),
        code=5,
        stdout="got\n",
        is_stopped=True,
    ),
    OwnCase(
        sh("sleep 1000 & trap 'kill $!; echo got' TERM; wait; echo over"),
        stdout="got\nover\n",
        is_stopped=True,
    ),
    OwnCase(
        sh("trap 'echo got' TERM; sleep 1000 & wait; echo $?; exit 9"),
        code=9,
        stdout="got\n143\n",
        is_stopped=True,
    ),
)
