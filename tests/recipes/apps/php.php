<?php
require __DIR__ . '/verify.php';
RECIPE
