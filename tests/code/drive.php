<?php

// Runs the verifiers for PHP. What a verifier takes is read from its own list of parameters.

declare(strict_types=1);

set_error_handler(function (int $level, string $message): never {
    throw new ErrorException($message);
});
foreach (json_decode(file_get_contents($argv[1] . '/cases.json'), true) as $entry) {
    require $entry['files']['php'];
    $verify = new ReflectionMethod(basename($entry['files']['php'], '.php'), 'verify');
    foreach ($entry['cases'] as $case) {
        $given = ['body' => base64_decode($case['body']), 'headers' => $case['headers'], 'url' => $case['url'], 'method' => $case['method'], 'now' => $case['now']];
        foreach ($case['params'] as $name => $value) {
            $given['param' . preg_replace('/[^a-z0-9]/', '', strtolower($name))] = $value;
        }
        try {
            $answer = 'false';
            foreach ($case['keys'] as $key) {
                $given['key'] = $key;
                $arguments = array_map(fn ($one) => $given[$one->getName()] ?? $given[strtolower($one->getName())] ?? '', $verify->getParameters());
                if ($verify->invoke(null, ...$arguments)) {
                    $answer = 'true';
                }
            }
        } catch (Throwable $e) {
            $answer = preg_replace('/\s+/', ' ', 'threw ' . $e::class . ' ' . $e->getMessage());
        }
        echo $entry['scheme'], "\t", $case['id'], "\t", $answer, "\n";
    }
}
