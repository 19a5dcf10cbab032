// A module of its own, which also keeps "go … ./..." out of node_modules.
module github.com/whctl/whctl/tests/diagnose/forms

go 1.26.0
