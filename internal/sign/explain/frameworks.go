package explain

// How to get at the raw bytes of a request in the usual frameworks. tests/recipes runs each recipe in its framework, for JSON and for
// forms, but for those that have a page they are from.

import "strings"

// framework is a framework and its recipe.
type framework struct {
	name, lang string
	code       string
	from       string   // the page of its documentation that the recipe is from, where it was not run; "": it was
	packages   []string // names by which a project's files name it, in lower case; with a * at the end, what begins so
	answers    []string // how X-Powered-By or Server begin in its answers
}

// named says whether a name in a project's file is one of the framework's.
func (f *framework) named(word string) bool {
	for _, p := range f.packages {
		begin, more := strings.CutSuffix(p, "*")
		if word == p || more && strings.HasPrefix(word, begin) {
			return true
		}
	}
	return false
}

// frameworks are all, those that stand on another before it.
func frameworks() []framework {
	const buffered = "import { buffer } from 'node:stream/consumers'\n"
	return []framework{
		{name: "NestJS", lang: "node", packages: []string{"@nestjs/core", "@nestjs/common"}, code: `const app = await NestFactory.create(AppModule, { rawBody: true })  // keeps the bytes of JSON and forms
@Post('webhook') hook(@Req() req, @Res() res) { res.sendStatus(verify(req.rawBody, req.headers) ? 200 : 401) }`},
		{name: "Next.js", lang: "node", packages: []string{"next"}, answers: []string{"Next.js"}, code: `export async function POST(req) {
  const raw = Buffer.from(await req.arrayBuffer())
  return new Response(null, { status: verify(raw, req.headers) ? 200 : 401 })
}
// pages router: export const config = { api: { bodyParser: false } }`},
		{name: "Fastify", lang: "node", packages: []string{"fastify"}, code: `fastify.removeAllContentTypeParsers()
fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (req, body, done) => done(null, body))
fastify.post('/webhook', async (req, reply) => reply.code(verify(req.body, req.headers) ? 200 : 401).send())`},
		{name: "Koa", lang: "node", packages: []string{"koa"}, code: buffered + `app.use(async (ctx, next) => {  // before bodyParser()
  if (ctx.path !== '/webhook') return next()
  ctx.status = verify(await buffer(ctx.req), ctx.headers) ? 200 : 401
})`},
		{name: "Hono", lang: "node", packages: []string{"hono"}, code: `app.post('/webhook', async (c) => {
  const raw = Buffer.from(await c.req.arrayBuffer())
  return c.body(null, verify(raw, c.req.header()) ? 200 : 401)
})`},
		{name: "Express", lang: "node", packages: []string{"express"}, answers: []string{"Express"}, code: `// before app.use(express.json()); req.body is a Buffer
app.post('/webhook', express.raw({ type: () => true, limit: '5mb' }), (req, res) => {
  res.sendStatus(verify(req.body, req.headers) ? 200 : 401)
})`},
		{name: "FastAPI", lang: "python", packages: []string{"fastapi"}, answers: []string{"uvicorn"}, code: `@app.post('/webhook')
async def webhook(request: Request):  # no pydantic model and no Form as parameter
    raw = await request.body()
    return Response(status_code=200 if verify(raw, request.headers) else 401)`},
		{name: "Django", lang: "python", packages: []string{"django", "djangorestframework"}, answers: []string{"WSGIServer/"}, code: `@csrf_exempt
def webhook(request):
    raw = request.body  # before request.POST
    return HttpResponse(status=200 if verify(raw, request.headers) else 401)`},
		{name: "Flask", lang: "python", packages: []string{"flask"}, answers: []string{"Werkzeug/"}, code: `@app.post('/webhook')
def webhook():
    raw = request.get_data()  # before request.json or request.form
    return '', 200 if verify(raw, request.headers) else 401`},
		{name: "Rails", lang: "ruby", packages: []string{"rails"}, code: `skip_forgery_protection
def webhook
  raw = request.raw_post  # not params
  head verify(raw, request.headers) ? :ok : :unauthorized
end`},
		{name: "Sinatra", lang: "ruby", packages: []string{"sinatra"}, code: `post '/webhook' do
  request.body.rewind
  raw = request.body.read  # not params
  verify(raw, request.env) ? 200 : 401
end`},
		{name: "Laravel", lang: "php", packages: []string{"laravel/framework", "illuminate/http"}, code: `Route::post('/webhook', function (Request $request) {  // in routes/api.php, which has no CSRF check
    $raw = $request->getContent();  // not $request->all()
    return new Response('', verify($raw, $request->headers) ? 200 : 401);
});`},
		{name: "Symfony", lang: "php", packages: []string{"symfony/framework-bundle", "symfony/http-foundation"}, code: `public function webhook(Request $request): Response {
    $raw = $request->getContent();  // not $request->request
    return new Response('', verify($raw, $request->headers) ? 200 : 401);
}`},
		{name: "PHP", lang: "php", code: `$raw = file_get_contents('php://input');  // not $_POST
http_response_code(verify($raw, getallheaders()) ? 200 : 401);`},
		{name: "Spring", lang: "java", packages: []string{"org.springframework*", "spring-boot*", "spring-web*"}, code: `@PostMapping("/webhook")
ResponseEntity<Void> webhook(HttpServletRequest request) throws IOException {
  byte[] raw = StreamUtils.copyToByteArray(request.getInputStream());  // of a form, @RequestBody is made anew from its parameters
  return ResponseEntity.status(verify(raw, request) ? 200 : 401).build();
}  // no @RequestParam, and no filter that reads parameters`},
		{
			name: "ASP.NET", lang: "dotnet", packages: []string{"microsoft.net.sdk.web", "microsoft.aspnetcore*"}, answers: []string{"Kestrel", "ASP.NET"},
			from: "https://learn.microsoft.com/aspnet/core/fundamentals/minimal-apis/parameter-binding", code: `app.MapPost("/webhook", async (HttpRequest request) => {
    using var raw = new MemoryStream();
    await request.Body.CopyToAsync(raw);
    return Verify(raw.ToArray(), request.Headers) ? Results.Ok() : Results.Unauthorized();
});`,
		},
		{name: "Gin", lang: "go", packages: []string{"github.com/gin-gonic/gin"}, code: `r.POST("/webhook", func(c *gin.Context) {
	raw, err := c.GetRawData() // not c.Bind, not c.PostForm
	if err != nil || !verify(raw, c.Request.Header) {
		c.AbortWithStatus(http.StatusUnauthorized)
	}
})`},
		{name: "Echo", lang: "go", packages: []string{"github.com/labstack/echo*"}, code: `e.POST("/webhook", func(c echo.Context) error {
	raw, err := io.ReadAll(c.Request().Body) // not c.Bind, not c.FormValue
	if err != nil || !verify(raw, c.Request().Header) {
		return c.NoContent(http.StatusUnauthorized)
	}
	return c.NoContent(http.StatusOK)
})`},
		{name: "Go net/http", lang: "go", code: `http.HandleFunc("/webhook", func(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 5<<20)) // not r.ParseForm, not json.NewDecoder(r.Body)
	if err != nil || !verify(raw, r.Header) {
		w.WriteHeader(http.StatusUnauthorized)
	}
})`},
	}
}
