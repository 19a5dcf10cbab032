<?php
// Serves the controller of the page with Symfony's requests and answers; its route is looked up by hand.
require '/usr/share/php/Symfony/Component/HttpFoundation/autoload.php';
require __DIR__ . '/src/Controller/HooksController.php';

use App\Controller\HooksController;
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpFoundation\Response;

$request = Request::createFromGlobals();
if ($request->getPathInfo() !== '/hooks' || !$request->isMethod('POST')) {
    (new Response('', 404))->send();
    exit;
}
(new HooksController())->hooks($request)->send();
