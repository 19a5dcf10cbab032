package main

import (
	"net/http"
	"os"

	"github.com/gin-gonic/gin"
)

func main() {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	RECIPE
	panic(r.Run("127.0.0.1:" + os.Getenv("PORT")))
}
