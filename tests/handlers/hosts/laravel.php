<?php
// Serves routes/api.php of the page with the parts of Laravel that Debian has: container, router, request.
foreach (['Container', 'Events', 'Http', 'Routing', 'Support'] as $part) {
    require "/usr/share/php/Illuminate/$part/autoload.php";
}

use Illuminate\Container\Container;
use Illuminate\Events\Dispatcher;
use Illuminate\Http\Request;
use Illuminate\Routing\Router;
use Illuminate\Support\Facades\Facade;
use Symfony\Component\HttpKernel\Exception\HttpException;

$app = new Container();
$app->instance('router', new Router(new Dispatcher($app), $app));
Facade::setFacadeApplication($app);

require __DIR__ . '/routes/api.php';

$request = Request::capture();
$app->instance(Request::class, $request);
try {
    $app->make('router')->dispatch($request)->send();
} catch (HttpException $e) {
    http_response_code($e->getStatusCode());
}
