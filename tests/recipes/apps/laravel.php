<?php
foreach (['Container', 'Events', 'Http', 'Routing', 'Support'] as $part) {
    require "/usr/share/php/Illuminate/$part/autoload.php";
}
require __DIR__ . '/verify.php';

use Illuminate\Container\Container;
use Illuminate\Events\Dispatcher;
use Illuminate\Http\Request;
use Illuminate\Http\Response;
use Illuminate\Routing\Router;
use Illuminate\Support\Facades\Facade;
use Illuminate\Support\Facades\Route;

$app = new Container();
$app->instance('router', new Router(new Dispatcher($app), $app));
Facade::setFacadeApplication($app);

RECIPE

$request = Request::capture();
$app->instance(Request::class, $request); // as Laravel's kernel does
$app->make('router')->dispatch($request)->send();
