package e2e

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestHintsAreWords reads the program's own source: no command to type is put together from text. Text from elsewhere would
// stand in it as it came, and run when the hint is pasted. fault.Command quotes each word.
func TestHintsAreWords(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && (name == "testdata" || name == ".git" || name == "tools" || name == "tests") {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		files++
		for _, found := range notWords(filepath.ToSlash(path), parsed) {
			t.Errorf("%s: %s", set.Position(found.at), found.what)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 {
		t.Errorf("only %d files were read", files)
	}
}

// TestHintsAreWordsSees feeds the rule what it must refuse.
func TestHintsAreWordsSees(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		`e.Say("next: whctl webhooks logs %s shows it", id)`,
		`x := "details: whctl why " + id`,
		`x := "see " + name + ": whctl why " + id + " and more"`,
		`fmt.Sprintf("%d more: whctl why %s", n, id)`,
		`fault.Hint(err, "did you mean %s?")`,
		`fault.Hint(err, "it ended", fault.Word(id))`,
		`fault.NextStep("wait %d seconds", fault.Number(n))`,
		`fault.Hint(err, "%s", fault.Literal(id))`,
		`fault.StoredStep(id)`,
	} {
		parsed, err := parser.ParseFile(token.NewFileSet(), "bad.go", "package bad\nfunc f() {\n"+bad+"\n}\n", 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(notWords("bad.go", parsed)) == 0 {
			t.Errorf("nothing was said against %s", bad)
		}
	}
}

type notWord struct {
	at   token.Pos
	what string
}

func notWords(path string, file *ast.File) (found []notWord) {
	command := regexp.MustCompile(`\bwhctl (--[a-z]|(listen|sign|verify|why|send|schemes|journal|queue|replay|events|webhooks|keys|check|expect|sandbox|` +
		`status|api|login|logout|whoami|config|profile|completion|help|version)\b)`)
	add := func(n ast.Node, what string) { found = append(found, notWord{n.Pos(), what}) }
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			text := textOf(n)
			if at := command.FindStringIndex(text); at != nil && regexp.MustCompile(`%[-+ #0-9.*]*[a-z]`).MatchString(text[at[0]:]) && !toldApart(text) {
				add(n, "a command with a place for other text: use fault.Command")
			}
		case *ast.BinaryExpr:
			parts := joined(n)
			for i, p := range parts[:len(parts)-1] {
				if _, fixed := parts[i+1].(*ast.BasicLit); !fixed && command.MatchString(textOf(p)) && !toldApart(textOf(p)) {
					add(n, "a command with other text behind it: use fault.Command")
				}
			}
			return n.Op != token.ADD || len(parts) < 2
		case *ast.CallExpr:
			if what := badCall(path, n); what != "" {
				add(n, what)
			}
		}
		return true
	})
	return found
}

// toldApart are texts that hold the program's name in front of something else than a command.
func toldApart(text string) bool {
	return slices.ContainsFunc([]string{
		"whctl listen takes no arguments, but got %q",
	}, func(s string) bool { return strings.Contains(text, s) })
}

// badCall says what is wrong with a call that makes a hint.
func badCall(path string, c *ast.CallExpr) string {
	called, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if pkg, is := called.X.(*ast.Ident); !is || pkg.Name != "fault" {
		return ""
	}
	at := 0
	switch called.Sel.Name {
	case "Literal", "StoredStep":
		for _, may := range []string{
			"internal/cli/root.go",         // names and usage lines of commands
			"internal/config/scheme.go",    // what the scheme's own rules advise
			"internal/cli/webhooks/key.go", // what was done, one of two constants
			"internal/journal/rows.go",     // hints that this program wrote down
			"internal/scrub/delivery.go",   // the same, with what the rules name replaced
			"internal/listen/advice.go",    // how long ago a rotation was
			"internal/refusal/refusal.go",  // rows of its table; what an answer adds to them is quoted there
		} {
			if strings.HasSuffix(path, may) {
				return ""
			}
		}
		return "only text of the program's own may stand in a hint as it is: use fault.Word"
	case "Hint":
		at = 1
	case "NextStep":
	default:
		return ""
	}
	if len(c.Args) <= at {
		return "a hint needs its words"
	}
	text := ""
	for _, p := range joined(c.Args[at]) {
		if _, is := p.(*ast.BasicLit); !is {
			text += " " // a constant of ours
		}
		text += textOf(p)
	}
	if _, named := c.Args[at].(*ast.Ident); !named && strings.Count(text, "%s") != len(c.Args)-at-1 {
		return "the hint has " + strconv.Itoa(strings.Count(text, "%s")) + " places for " + strconv.Itoa(len(c.Args)-at-1) + " words"
	}
	if strings.Contains(strings.ReplaceAll(text, "%s", ""), "%") {
		return "a hint knows no verb but %s"
	}
	return ""
}

// joined are the operands of a sum, in order; of anything else, itself.
func joined(n ast.Expr) []ast.Expr {
	if b, ok := n.(*ast.BinaryExpr); ok && b.Op == token.ADD {
		return append(joined(b.X), joined(b.Y)...)
	}
	return []ast.Expr{n}
}

func textOf(n ast.Expr) string {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return text
}
