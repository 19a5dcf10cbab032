package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/itchyny/gojq"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs testdata/script. Beside testscript's own commands there are
//
//	code N COMMAND…          COMMAND ends with exactly the code N
//	waitfile FILE NAME       waits for the file; $NAME is its first line
//	receiver NAME [FILE]     a server that answers 200, or with the raw HTTP answer in FILE; $NAME is its address
//	requests NAME N          NAME has received N requests, and no more
//	deadport NAME            $NAME is an address on which nothing listens
//	post ADDR FILE [LINE…]   sends the file's bytes, signed with the tests' key, and these header lines; stdout is the answer
//	raw ADDR FILE            sends the file's bytes as they stand, LF made CRLF in the head; stdout is the answer
//	jq FILE EXPR WANT        EXPR of the JSON in FILE (stdout, stderr or a name) gives WANT, as compact JSON
//	subst FILE…              puts the values of variables into files, where they say $NAME
//	chomp FILE…              takes the line break from the end of files
//	platform                 starts whctl sandbox and makes it the API of what follows; $SANDBOX is its address
//	answers NAME FILE…       a receiver that gives the raw HTTP answer in the first FILE to its first request, and so on; the last one stays
//	outside NAME             a listener on an address of this machine that is not loopback; each connection counts as a request
//	[!] heard NAME TEXT…     every TEXT (none of them) stands in the requests that the receiver NAME got
//	capture NAME FILE EXPR   $NAME is what the jq EXPR makes of the JSON in FILE, texts without quotes
//	golden FILE WANT         FILE is WANT, save for ids, keys, times and addresses, whose form alone counts; -update rewrites WANT
//	session FILE             the commands in FILE print what FILE says (see scriptSession); -update rewrites FILE
//	onpty (a program)        onpty [-type TEXT] COMMAND… runs a command on a terminal and prints what arrived there
//	until PATTERN COMMAND…   runs COMMAND again until what it prints matches PATTERN
//	said-safely FILE,… CODE TEXT COMMAND…
//	                         an API answers with the FILEs in turn; COMMAND, run by onpty, shows TEXT, and nothing that does more than
//	                         be read, and ends with CODE
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition:           scriptCondition,
		Setup: func(e *testscript.Env) error {
			// testscript's own variables stay; what follows wins.
			e.Vars = append(e.Vars, privateEnv(e.WorkDir)...)
			e.Vars = append(e.Vars, "KEY="+testKey)
			e.Values[targets{}] = map[string]*target{}
			e.Values[scriptTB{}] = e.T()
			e.Values[namedKey{}] = named{"WORK": true}
			if err := os.WriteFile(filepath.Join(e.WorkDir, "key"), []byte(testKey+"\n"), 0o600); err != nil {
				return err
			}
			if err := os.MkdirAll(filepath.Join(e.WorkDir, "home"), 0o700); err != nil { // a script may have put files there
				return err
			}
			return filepath.WalkDir(e.WorkDir, func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				return os.Chmod(path, 0o600) // as people keep keys
			})
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code":        plain(scriptCode),
			"waitfile":    plain(scriptWaitFile),
			"receiver":    plain(scriptReceiver),
			"requests":    plain(scriptRequests),
			"deadport":    plain(scriptDeadPort),
			"post":        plain(scriptPost),
			"raw":         plain(scriptRaw),
			"jq":          plain(scriptJQ),
			"subst":       plain(scriptSubst),
			"chomp":       plain(scriptChomp),
			"platform":    plain(scriptPlatform),
			"answers":     plain(scriptAnswers),
			"outside":     plain(scriptOutside),
			"heard":       scriptHeard,
			"capture":     plain(scriptCapture),
			"golden":      plain(scriptGolden),
			"session":     plain(scriptSession),
			"until":       plain(scriptUntil),
			"said-safely": plain(scriptSaidSafely),
		},
	})
}

// targets is the key of a script's receivers.
type targets struct{}

type scriptCommand = func(ts *testscript.TestScript, args []string) error

// plain is a script command that cannot be negated.
func plain(run scriptCommand) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("this command cannot be negated")
		}
		ts.Check(run(ts, args))
	}
}

func tb(ts *testscript.TestScript) testing.TB {
	t, ok := ts.Value(scriptTB{}).(testing.TB)
	if !ok {
		ts.Fatalf("no test behind this script")
	}
	return t
}

type scriptTB struct{}

func scriptCode(ts *testscript.TestScript, args []string) error {
	if len(args) < 2 {
		return errors.New("usage: code N COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	got, err := exitCode(ts.Exec(args[1], args[2:]...))
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("exit code %d, want %d", got, want)
	}
	return nil
}

// scriptUntil waits for what a command tells of: a time that is long enough on an idle machine is not on a busy one.
func scriptUntil(ts *testscript.TestScript, args []string) error {
	if len(args) < 2 {
		return errors.New("usage: until PATTERN COMMAND…")
	}
	pattern, err := regexp.Compile(args[0])
	if err != nil {
		return err
	}
	shown := ""
	if !eventually(func() bool {
		_ = ts.Exec(args[1], args[2:]...)
		shown = ts.ReadFile("stdout") + ts.ReadFile("stderr")
		return pattern.MatchString(shown)
	}) {
		return fmt.Errorf("%q never says %q: %s", args[1:], args[0], shown)
	}
	return nil
}

func scriptWaitFile(ts *testscript.TestScript, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: waitfile FILE NAME")
	}
	content := waitFile(tb(ts), ts.MkAbs(args[0]))
	first, _, _ := strings.Cut(content, "\n")
	setNamed(ts, args[1], first)
	return nil
}

func receivers(ts *testscript.TestScript) map[string]*target {
	m, ok := ts.Value(targets{}).(map[string]*target)
	if !ok {
		ts.Fatalf("no receivers")
	}
	return m
}

func scriptReceiver(ts *testscript.TestScript, args []string) error {
	answer := okAnswer
	switch len(args) {
	case 1:
	case 2:
		answer = headToWire(ts.ReadFile(args[1]))
	default:
		return errors.New("usage: receiver NAME [FILE]")
	}
	tg := newTarget(tb(ts), func(message) string { return answer })
	receivers(ts)[args[0]] = tg
	setNamed(ts, args[0], tg.addr)
	return nil
}

// headToWire gives the head of an HTTP message its CRLFs; the body stays as it is.
func headToWire(text string) string {
	if text == "" {
		return ""
	}
	head, body, _ := strings.Cut(text, "\n\n")
	return strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + body
}

func scriptRequests(ts *testscript.TestScript, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: requests NAME N")
	}
	want, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	tg := receivers(ts)[args[0]]
	if tg == nil {
		return fmt.Errorf("no receiver %s", args[0])
	}
	if want > 0 {
		tg.nth(tb(ts), want-1)
	}
	if got := tg.count(); got != want {
		return fmt.Errorf("%s has received %d requests, want %d", args[0], got, want)
	}
	return nil
}

func scriptDeadPort(ts *testscript.TestScript, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: deadport NAME")
	}
	setNamed(ts, args[0], closedPort(tb(ts)))
	return nil
}

// scriptPost sends a file as a signed delivery. A header line that is given replaces the one that would be sent; an
// empty one leaves it out.
func scriptPost(ts *testscript.TestScript, args []string) error {
	if len(args) < 2 {
		return errors.New("usage: post ADDR FILE [LINE…]")
	}
	body := []byte(ts.ReadFile(args[1]))
	header := "Content-Type: application/json\r\n" + signedHeader(testKey, time.Now(), body)
	for _, line := range args[2:] {
		name, value, _ := strings.Cut(line, ":")
		var kept strings.Builder
		for old := range strings.SplitAfterSeq(header, "\r\n") {
			if n, _, _ := strings.Cut(old, ":"); !strings.EqualFold(n, name) {
				kept.WriteString(old)
			}
		}
		header = kept.String()
		if strings.TrimSpace(value) != "" {
			header += line + "\r\n"
		}
	}
	return showAnswer(ts, exchange(tb(ts), args[0], request("POST", "/", header, body)))
}

func scriptRaw(ts *testscript.TestScript, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: raw ADDR FILE")
	}
	return showAnswer(ts, exchange(tb(ts), args[0], []byte(headToWire(ts.ReadFile(args[1])))))
}

// showAnswer makes an answer what the script's next stdout looks at: status, headers, body.
func showAnswer(ts *testscript.TestScript, m message) error {
	_, err := fmt.Fprintf(ts.Stdout(), "%s\n%s\n\n%s", m.start, strings.Join(m.head, "\n"), m.body)
	return err
}

func scriptJQ(ts *testscript.TestScript, args []string) error {
	if len(args) != 3 {
		return errors.New("usage: jq FILE EXPR WANT")
	}
	query, err := gojq.Parse(args[1])
	if err != nil {
		return err
	}
	var got []string
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	for decoder.More() {
		var v any
		if err := decoder.Decode(&v); err != nil {
			return err
		}
		results := query.Run(v)
		for {
			r, more := results.Next()
			if !more {
				break
			}
			if err, is := r.(error); is {
				return err
			}
			b, err := gojq.Marshal(r)
			if err != nil {
				return err
			}
			got = append(got, string(b))
		}
	}
	if all := strings.Join(got, " "); all != args[2] {
		return fmt.Errorf("jq %s gives %s, want %s", args[1], all, args[2])
	}
	return nil
}

// scriptPlatform starts a sandbox that ends with the script.
func scriptPlatform(ts *testscript.TestScript, args []string) error {
	w := &world{t: tb(ts), dir: ts.Getenv("WORK"), env: privateEnv(ts.Getenv("WORK")), bin: whctlPath(tb(ts))}
	addr := w.platform(args...).addr
	setNamed(ts, "SANDBOX", addr)
	ts.Setenv("WHCTL_API_URL", "http://"+addr)
	ts.Setenv("WHCTL_PROFILE", "sandbox")
	return nil
}

func scriptAnswers(ts *testscript.TestScript, args []string) error {
	if len(args) < 2 {
		return errors.New("usage: answers NAME FILE…")
	}
	var raw []string
	for _, file := range args[1:] {
		raw = append(raw, headToWire(ts.ReadFile(file)))
	}
	tg := inTurn(tb(ts), raw...)
	receivers(ts)[args[0]] = tg
	setNamed(ts, args[0], tg.addr)
	return nil
}

func scriptOutside(ts *testscript.TestScript, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: outside NAME")
	}
	tg := outside(tb(ts))
	receivers(ts)[args[0]] = tg
	setNamed(ts, args[0], tg.addr)
	return nil
}

// scriptCondition knows [outside]: this machine has an address that is not loopback.
func scriptCondition(cond string) (bool, error) {
	if cond != "outside" {
		return false, fmt.Errorf("no condition %q", cond)
	}
	return outsideAddress() != "", nil
}

func scriptHeard(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || receivers(ts)[args[0]] == nil {
		ts.Fatalf("usage: [!] heard RECEIVER TEXT…")
	}
	tg := receivers(ts)[args[0]]
	tg.mu.Lock()
	defer tg.mu.Unlock()
	var all strings.Builder
	for _, m := range tg.got {
		fmt.Fprintf(&all, "%s\n%s\n\n%s\n", m.start, strings.Join(m.head, "\n"), m.body)
	}
	for _, text := range args[1:] {
		if strings.Contains(all.String(), text) == neg {
			ts.Fatalf("%s got %d requests; %q in them: %t\n%s", args[0], len(tg.got), text, !neg, all.String())
		}
	}
}

func scriptCapture(ts *testscript.TestScript, args []string) error {
	if len(args) != 3 {
		return errors.New("usage: capture NAME FILE EXPR")
	}
	query, err := gojq.Parse(args[2])
	if err != nil {
		return err
	}
	v, err := decodeJSON(ts.ReadFile(args[1]))
	if err != nil {
		return err
	}
	result, _ := query.Run(v).Next()
	switch r := result.(type) {
	case string:
		setNamed(ts, args[0], r)
	case nil, error:
		return fmt.Errorf("%s gives %v", args[2], r)
	default:
		setNamed(ts, args[0], fmt.Sprint(r))
	}
	return nil
}

func scriptSubst(ts *testscript.TestScript, args []string) error {
	for _, pattern := range args {
		files, err := filepath.Glob(ts.MkAbs(pattern))
		if err != nil || len(files) == 0 {
			return fmt.Errorf("no file %s", pattern)
		}
		for _, file := range files {
			if err := os.WriteFile(file, []byte(os.Expand(ts.ReadFile(file), ts.Getenv)), 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

func scriptChomp(ts *testscript.TestScript, args []string) error {
	for _, file := range args {
		if err := os.WriteFile(ts.MkAbs(file), []byte(strings.TrimSuffix(ts.ReadFile(file), "\n")), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func scriptSaidSafely(ts *testscript.TestScript, args []string) error {
	if len(args) < 4 {
		return errors.New("usage: said-safely FILE,… CODE TEXT COMMAND…")
	}
	if err := scriptAnswers(ts, append([]string{"API"}, strings.Split(args[0], ",")...)); err != nil {
		return err
	}
	ts.Setenv("WHCTL_API_URL", "http://"+ts.Getenv("API"))
	if err := scriptCode(ts, append([]string{args[1], "onpty"}, args[3:]...)); err != nil {
		return err
	}
	out := ts.ReadFile("stdout")
	switch bad := intruders(out); {
	case !strings.Contains(out, args[2]):
		return fmt.Errorf("%q did not arrive on the terminal", args[2])
	case len(bad) > 0:
		return fmt.Errorf("%d intruders on the terminal, the first is %q", len(bad), bad[0])
	case strings.Contains(strings.ReplaceAll(out, "\r\n", "\n"), "\r"):
		return errors.New("a bare carriage return arrived on the terminal")
	}
	return nil
}

func decodeJSON(text string) (any, error) {
	var v any
	err := json.Unmarshal([]byte(text), &v)
	return v, err
}
