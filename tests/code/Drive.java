// Runs the verifiers for Java. What a verifier takes is read from its own list of parameters.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

public final class Drive {
    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (JsonNode entry : new ObjectMapper().readTree(new File(args[0], "cases.json"))) {
            String name = new File(entry.at("/files/java").asText()).getName().replace(".java", "");
            Method verify = Stream.of(Class.forName(name).getMethods()).filter(one -> one.getName().equals("verify")).findFirst().get();
            for (JsonNode one : entry.get("cases")) {
                String answer = judge(verify, one).replaceAll("\\s+", " ");
                out.println(entry.get("scheme").asText() + "\t" + one.get("id").asText() + "\t" + answer);
            }
        }
        out.flush();
    }

    private static String judge(Method verify, JsonNode one) throws Exception {
        Map<String, Object> given = new HashMap<>();
        given.put("body", one.get("body").binaryValue());
        given.put("headers", headers(one.get("headers")));
        given.put("url", one.get("url").asText());
        given.put("method", one.get("method").asText());
        given.put("now", Instant.ofEpochSecond(one.get("now").asLong()));
        one.get("params").fields().forEachRemaining(
                p -> given.put("param" + p.getKey().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", ""), p.getValue().asText()));
        boolean answer = false;
        for (JsonNode key : one.get("keys")) {
            given.put("key", key.asText());
            List<Object> arguments = new ArrayList<>();
            for (Parameter p : verify.getParameters()) {
                Object value = given.getOrDefault(p.getName(), given.get(p.getName().toLowerCase(Locale.ROOT)));
                arguments.add(value == null ? "" : value);
            }
            try {
                answer |= (boolean) verify.invoke(null, arguments.toArray());
            } catch (InvocationTargetException e) {
                return "threw " + e.getCause();
            }
        }
        return Boolean.toString(answer);
    }

    private static Map<String, List<String>> headers(JsonNode from) {
        Map<String, List<String>> headers = new HashMap<>();
        from.fields().forEachRemaining(header -> {
            List<String> values = new ArrayList<>();
            header.getValue().forEach(value -> values.add(value.asText()));
            headers.put(header.getKey(), values);
        });
        return headers;
    }
}
