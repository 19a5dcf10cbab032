// Command write prints each form of forms.json as net/url parses and writes it; see generate.
package main

import (
	"encoding/json"
	"net/url"
	"os"
)

func main() {
	var forms []string
	if err := json.NewDecoder(os.Stdin).Decode(&forms); err != nil {
		panic(err)
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	for i, form := range forms {
		values, err := url.ParseQuery(form)
		if err != nil {
			panic(err)
		}
		lists, err := json.Marshal(values)
		if err != nil {
			panic(err)
		}
		for _, w := range [][2]string{{"Go (url.Values.Encode)", values.Encode()}, {"json.Marshal (Go) or to_json (Rails)", string(lists)}} {
			if err := enc.Encode(map[string]any{"writer": w[0], "form": i, "text": w[1]}); err != nil {
				panic(err)
			}
		}
	}
}
