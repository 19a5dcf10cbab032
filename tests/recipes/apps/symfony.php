<?php
require '/usr/share/php/Symfony/Component/HttpFoundation/autoload.php';
require __DIR__ . '/verify.php';

use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpFoundation\Response;

class Hooks
{
    RECIPE
}

$request = Request::createFromGlobals();
(new Hooks())->webhook($request)->send();
