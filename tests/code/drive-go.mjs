// Makes a program of the verifiers for Go: a package for each, and one that calls them. What a verifier takes is read from its own list of
// parameters.
import fs from 'node:fs'
import path from 'node:path'

const work = process.argv[2]
const imports = []
const calls = []
for (const [i, { scheme, files }] of JSON.parse(fs.readFileSync(path.join(work, 'cases.json'))).entries()) {
  const folder = path.join(work, 'go', `v${i}`)
  fs.mkdirSync(folder, { recursive: true })
  fs.renameSync(files.go, path.join(folder, 'verify.go'))
  const text = fs.readFileSync(path.join(folder, 'verify.go'), 'utf8')
  const names = text.match(/^func Verify\((.*)\) error/m)[1].split(', ').map((one) => one.split(' ')[0])
  const given = { body: 'c.Body', headers: 'c.header()', key: 'key', url: 'c.URL', method: 'c.Method', now: 'time.Unix(c.Now, 0)' }
  imports.push(`v${i} "verifiers/v${i}"`)
  calls.push(`${JSON.stringify(scheme)}: func(c *oneCase, key string) error { return v${i}.Verify(${names.map((name) => given[name] ?? `c.setting("${name}")`).join(', ')}) },`)
}
fs.writeFileSync(path.join(work, 'go', 'go.mod'), 'module verifiers\n\ngo 1.23\n')
fs.writeFileSync(path.join(work, 'go', 'main.go'), `package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	${imports.join('\n\t')}
)

type oneCase struct {
	ID, URL, Method string
	Keys            []string
	Params          map[string]string
	Headers         map[string][]string
	Body            []byte
	Now             int64
}

func (c *oneCase) header() http.Header {
	out := http.Header{}
	for name, values := range c.Headers {
		for _, value := range values {
			out.Add(name, value)
		}
	}
	return out
}

func (c *oneCase) setting(name string) string {
	for key, value := range c.Params {
		if strings.EqualFold("param"+strings.NewReplacer("_", "", "-", "", ".", "").Replace(key), name) {
			return value
		}
	}
	return ""
}

func main() {
	var all []struct {
		Scheme string
		Cases  []oneCase
	}
	text, err := os.ReadFile(os.Args[1] + "/cases.json")
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		panic(err)
	}
	verifiers := map[string]func(*oneCase, string) error{
		${calls.join('\n\t\t')}
	}
	for _, one := range all {
		for _, c := range one.Cases {
			answer := false
			for _, key := range c.Keys {
				answer = answer || verifiers[one.Scheme](&c, key) == nil
			}
			fmt.Printf("%s\\t%s\\t%v\\n", one.Scheme, c.ID, answer)
		}
	}
	_ = time.Now
}
`)
