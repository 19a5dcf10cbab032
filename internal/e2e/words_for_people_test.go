package e2e

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestWordsAreForPeople reads the program's own source: what is to be done is never decided by the words of a message, which
// may be reworded. A Detail has a code, a finding an id.
func TestWordsAreForPeople(t *testing.T) {
	t.Parallel()
	files := 0
	for _, room := range []string{"sign", "sign/scheme", "sign/explain", "sign/explain/restyle", "judge", "listen", "render", "cli", "cli/*", "cmdkit"} {
		paths, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(room), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if matched, _ := filepath.Match("*_test.go", filepath.Base(path)); matched {
				continue
			}
			set := token.NewFileSet()
			parsed, err := parser.ParseFile(set, path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			files++
			if strings.HasSuffix(filepath.ToSlash(path), "cli/schemes/schemes.go") {
				continue // the user searches the titles of schemes
			}
			for _, at := range looksAtWords(parsed) {
				t.Errorf("%s: this looks at words that were made for people", set.Position(at))
			}
		}
	}
	if files < 80 {
		t.Errorf("only %d files were read", files)
	}
}

// TestWordsAreForPeopleSees feeds the rule what it must refuse, and what it must not.
func TestWordsAreForPeopleSees(t *testing.T) {
	t.Parallel()
	for code, bad := range map[string]bool{
		`strings.HasPrefix(v.Detail.String(), "setting")`:        true,
		`strings.HasSuffix(v.Detail, "due")`:                     true,
		`strings.TrimPrefix(a.evidence, "it matches ")`:          true,
		`strings.Contains(term.Clean(err.Error()), "timeout")`:   true,
		`_ = f.Title == "the body is empty"`:                     true,
		`switch d.Next { case "none": }`:                         true,
		`strings.TrimPrefix(then.Next+"; "+next, "; ")`:          true,
		`_, words, _ := strings.Cut(jm.Verdict.Warning, ": ")`:   true,
		`bytes.HasPrefix([]byte(f.Fix), []byte("give"))`:         true,
		`strings.HasPrefix(r.URL, "https://")`:                   false,
		`_ = f.Title == ""`:                                      false,
		`strings.Join([]string{f.Title, f.Fix}, ", ")`:           false,
		`strings.Split(text, "\n")`:                              false,
		`_ = f.ID == "key.other" || v.Detail.Code == sign.NoURL`: false,
	} {
		parsed, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nfunc f() {\n"+code+"\n}\n", 0)
		if err != nil {
			t.Fatal(err)
		}
		if found := looksAtWords(parsed); len(found) > 0 != bad {
			t.Errorf("%s: %d places", code, len(found))
		}
	}
}

// looksAtWords finds the places where text for people is searched, cut or compared.
func looksAtWords(file *ast.File) (found []token.Pos) {
	looking := []string{
		"HasPrefix", "HasSuffix", "Contains", "ContainsAny", "ContainsFunc", "Cut", "CutPrefix", "CutSuffix", "EqualFold", "Index", "LastIndex", "Count",
		"TrimPrefix", "TrimSuffix", "Trim", "TrimLeft", "TrimRight", "MatchString",
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			called, ok := n.Fun.(*ast.SelectorExpr)
			if ok && !isTerm(called.X) && slices.Contains(looking, called.Sel.Name) && len(n.Args) > 0 && isWords(n.Args[0]) {
				found = append(found, n.Pos())
			}
		case *ast.BinaryExpr:
			if (n.Op == token.EQL || n.Op == token.NEQ) && (isWords(n.X) && isText(n.Y) || isText(n.X) && isWords(n.Y)) {
				found = append(found, n.Pos())
			}
		case *ast.SwitchStmt:
			if n.Tag != nil && isWords(n.Tag) {
				found = append(found, n.Pos())
			}
		}
		return true
	})
	return found
}

// isTerm says whether an expression is the package that cuts text to the width of a terminal.
func isTerm(e ast.Expr) bool {
	pkg, ok := e.(*ast.Ident)
	return ok && pkg.Name == "term"
}

// isWords says whether an expression is, or holds, text that was made for people.
func isWords(e ast.Expr) bool {
	names := []string{
		"Detail", "Title", "Evidence", "Fix", "Next", "Hint", "Warning", "Problem",
		"detail", "title", "evidence", "fix", "hint", "warning", "problem", "words",
	}
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return slices.Contains(names, e.Sel.Name)
	case *ast.BinaryExpr:
		return isWords(e.X) || isWords(e.Y)
	case *ast.ParenExpr:
		return isWords(e.X)
	case *ast.CallExpr:
		if called, ok := e.Fun.(*ast.SelectorExpr); ok && len(e.Args) == 0 {
			return called.Sel.Name == "Error" || called.Sel.Name == "String" && isWords(called.X)
		}
		return slices.ContainsFunc(e.Args, isWords)
	default:
		return false
	}
}

// isText says whether an expression is a text that is not empty.
func isText(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	return ok && lit.Kind == token.STRING && len(lit.Value) > len(`""`)
}
