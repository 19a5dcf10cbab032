package main

import (
	"io"
	"net/http"
	"os"

	"github.com/labstack/echo/v4"
)

func main() {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	RECIPE
	panic(e.Start("127.0.0.1:" + os.Getenv("PORT")))
}
