package verify

// Which frameworks a cure is shown in: those of --all-recipes and --lang, else those that the target's answer and the project's files
// point to.

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/near"
	"github.com/whctl/whctl/internal/sign/explain"
)

// recipeFlags choose the frameworks.
type recipeFlags struct {
	all  bool
	lang string
}

func (f *recipeFlags) bind(c *cobra.Command) {
	c.Flags().BoolVar(&f.all, "all-recipes", false, "show how to get at the raw bytes in every framework")
	c.Flags().StringVar(&f.lang, "lang", "", "show it in the frameworks of a `language`: "+strings.Join(explain.Languages(), ", "))
	cmdkit.OneOf(c, "lang", explain.Languages()...)
}

func (f *recipeFlags) check() error {
	f.lang = explain.Language(f.lang)
	known := explain.Languages()
	switch {
	case f.all && f.lang != "":
		return fault.New(fault.Usage, "--all-recipes and --lang exclude each other")
	case f.lang != "" && len(explain.RecipesIn(f.lang)) == 0:
		err := fault.New(fault.Usage, "there are no recipes in %s", fault.Quote(f.lang))
		if nearest := near.Word(f.lang, known); nearest != "" {
			return fault.Hint(err, "the nearest language is %s", fault.Word(nearest))
		}
		return fault.Hint(err, "the languages are %s", fault.List(known))
	}
	return nil
}

// choice is what the flags say, else what the headers of a target's answer and the files of the working folder point to.
func (f *recipeFlags) choice(e *cmdkit.Env, answer http.Header) explain.Choice {
	switch {
	case f.all:
		return explain.AllRecipes()
	case f.lang != "":
		return explain.RecipesIn(f.lang)
	}
	return explain.RecipesFor(append(answer.Values("X-Powered-By"), answer.Values("Server")...), projectFiles(e.Dir))
}

// projectFiles reads the files of a folder that name what a project is made of. A file that cannot be read leads to no framework.
func projectFiles(dir string) []explain.ProjectFile {
	const most, largest = 5000, 1 << 20 // entries of the folder that are looked at, bytes of a file
	folder, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer func() { _ = folder.Close() }()
	entries, err := folder.ReadDir(most)
	if err != nil {
		return nil
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
	var out []explain.ProjectFile
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !explain.IsProjectFile(entry.Name()) {
			continue
		}
		f, err := os.Open(filepath.Join(dir, entry.Name()))
		if err != nil {
			continue
		}
		content, err := io.ReadAll(io.LimitReader(f, largest))
		_ = f.Close()
		if err == nil {
			out = append(out, explain.ProjectFile{Name: entry.Name(), Content: content})
		}
	}
	return out
}
