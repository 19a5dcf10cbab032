package main

import (
	"io"
	"net/http"
	"os"
)

func main() {
	RECIPE
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
