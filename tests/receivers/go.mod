// There is no Go here: this file keeps "go … ./..." out of node_modules.
module github.com/whctl/whctl/tests/receivers
