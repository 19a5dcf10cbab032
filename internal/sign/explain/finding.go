// Package explain says why a signature does not hold: it searches for the mistake that explains a refusal, works out the rules
// of providers that are in no catalogue, and says what a refused key is.
package explain

// Finding is one explanation of a refusal.
type Finding struct {
	ID       string   `json:"id"`       // stable name of the mistake, e.g. body.reserialised.compact
	Title    string   `json:"title"`    // what was wrong, one sentence, lower case
	Evidence string   `json:"evidence"` // how it is known: "matches when …"
	Fix      string   `json:"fix"`      // what to do
	Certain  bool     `json:"certain"`  // the signature matched with this mistake
	Recipes  []Recipe `json:"recipes,omitempty"`
	// RecipesLeft is how many frameworks have a recipe that is not among those.
	RecipesLeft int `json:"recipesLeft,omitempty"`
}

// Recipe is the fix in one framework, in a line or two.
type Recipe struct {
	Framework string `json:"framework"`
	Code      string `json:"code"`
	From      string `json:"from,omitempty"` // the page that it is from, where it was not run; "": it was
}
