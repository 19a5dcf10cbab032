// This file keeps "go … ./..." out of node_modules and of the apps, which are only whole with a recipe in them.
module github.com/whctl/whctl/tests/recipes
