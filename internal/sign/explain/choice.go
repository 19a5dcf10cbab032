package explain

// Which frameworks a cure is shown in.

import (
	"bytes"
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// Choice is the frameworks that recipes are shown for, by name.
type Choice []string

// AllRecipes shows every framework.
func AllRecipes() Choice {
	var c Choice
	for _, f := range frameworks() {
		c = append(c, f.name)
	}
	return c
}

// Languages are the languages that recipes are in.
func Languages() []string {
	var out []string
	for _, f := range frameworks() {
		if !slices.Contains(out, f.lang) {
			out = append(out, f.lang)
		}
	}
	return out
}

// Language is the name that a language has in Languages, or the text as it is.
func Language(text string) string {
	switch text = strings.ToLower(strings.TrimSpace(text)); text {
	case "js", "javascript", "ts", "typescript", "nodejs", "node.js":
		return "node"
	case "py":
		return "python"
	case "rb":
		return "ruby"
	case "kotlin":
		return "java"
	case "golang":
		return "go"
	case "csharp", "c#", ".net":
		return "dotnet"
	default:
		return text
	}
}

// RecipesIn shows the frameworks of a language of Languages.
func RecipesIn(lang string) Choice {
	var c Choice
	for _, f := range frameworks() {
		if f.lang == lang {
			c = append(c, f.name)
		}
	}
	return c
}

// ProjectFile is a file by which a project names what it is made of. It may come from a stranger: only known names are looked for.
type ProjectFile struct {
	Name    string // without folder
	Content []byte
}

// mostRecipes is how many frameworks are shown where no traces lead to others.
const mostRecipes = 3

// RecipesFor shows the frameworks that traces lead to: what a program's answer says of itself (the values of X-Powered-By and Server),
// then a project's files. Where they name a language alone, some of its frameworks; without traces three common ones.
func RecipesFor(answer []string, files []ProjectFile) Choice {
	var c Choice
	var langs []string
	for _, value := range answer {
		c = c.adding(func(f *framework) bool {
			return slices.ContainsFunc(f.answers, func(begin string) bool { return strings.HasPrefix(value, begin) })
		})
		langs = append(langs, answerLanguage(value))
	}
	for _, file := range files {
		words, lang := file.words()
		c = c.adding(func(f *framework) bool { return f.lang == lang && slices.ContainsFunc(words, f.named) })
		langs = append(langs, lang)
	}
	if len(c) == 0 {
		c = c.adding(func(f *framework) bool { return slices.Contains(langs, f.lang) })
	}
	if len(c) == 0 {
		return Choice{"Express", "Flask", "Laravel"}
	}
	return c
}

// adding adds frameworks as long as there are not more than are shown.
func (c Choice) adding(fits func(*framework) bool) Choice {
	all := frameworks()
	for i := range all {
		if len(c) < mostRecipes && fits(&all[i]) && !slices.Contains(c, all[i].name) {
			c = append(c, all[i].name)
		}
	}
	return c
}

// answerLanguage is the language of a server that is no framework's own; "" when it tells none.
func answerLanguage(value string) string {
	for _, s := range [][2]string{{"PHP/", "php"}, {"gunicorn", "python"}, {"Phusion Passenger", "ruby"}, {"Apache-Coyote", "java"}} {
		if strings.HasPrefix(value, s[0]) {
			return s[1]
		}
	}
	return ""
}

// IsProjectFile says whether RecipesFor reads a file of this name.
func IsProjectFile(name string) bool {
	f := ProjectFile{Name: name}
	_, lang := f.words()
	return lang != ""
}

// manifest is a kind of file in which a project names its parts.
type manifest struct {
	pattern, lang string
	names         func([]byte) []string
}

func manifests() []manifest {
	return []manifest{
		{"package.json", "node", dependencies("dependencies", "devDependencies")},
		{"requirements*.txt", "python", plainNames},
		{"pyproject.toml", "python", plainNames},
		{"Pipfile", "python", plainNames},
		{"Gemfile", "ruby", plainNames},
		{"composer.json", "php", dependencies("require", "require-dev")},
		{"pom.xml", "java", plainNames},
		{"build.gradle", "java", plainNames},
		{"build.gradle.kts", "java", plainNames},
		{"*.csproj", "dotnet", plainNames},
		{"go.mod", "go", plainNames},
	}
}

// words are the names in a project's file, in lower case, and the language of the project.
func (f *ProjectFile) words() (names []string, lang string) {
	for _, m := range manifests() {
		if ok, err := path.Match(m.pattern, f.Name); ok && err == nil {
			return m.names(f.Content), m.lang
		}
	}
	return nil, ""
}

// dependencies are the names of the members of some objects of a JSON file.
func dependencies(objects ...string) func([]byte) []string {
	return func(content []byte) []string {
		var file map[string]json.RawMessage
		if json.Unmarshal(content, &file) != nil {
			return nil
		}
		var out []string
		for _, object := range objects {
			var members map[string]json.RawMessage
			if json.Unmarshal(file[object], &members) == nil {
				for name := range members {
					out = append(out, strings.ToLower(name))
				}
			}
		}
		return out
	}
}

// plainNames cuts a text where no name goes on. Comments count too: they lead to a recipe too many at most.
func plainNames(content []byte) []string {
	fields := bytes.FieldsFunc(bytes.ToLower(content), func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && !strings.ContainsRune("@/_.-", c)
	})
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = string(f)
	}
	return out
}

// of picks the recipes of a choice, in its order, and counts the others.
func (c Choice) of(all []framework) (out []Recipe, left int) {
	for _, name := range c {
		for i := range all {
			if all[i].name == name {
				out = append(out, Recipe{Framework: all[i].name, Code: all[i].code, From: all[i].from})
			}
		}
	}
	return out, len(all) - len(out)
}
