// Bodies as Jackson, Gson and org.json write them. Prints JSON lines; see generate.
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Make {
	static final String KEY = "whk_7k2m9q4x1c8v5b3n6z0l7k2m9q4x1c8v";
	static final ObjectMapper JACKSON = new ObjectMapper();

	static void out(String id, String expect, byte[] signed, String body) throws Exception {
		Mac mac = Mac.getInstance("HmacSHA256");
		mac.init(new SecretKeySpec(KEY.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
		StringBuilder hex = new StringBuilder();
		for (byte b : mac.doFinal(signed)) hex.append(String.format("%02x", b));
		Map<String, Object> c = new LinkedHashMap<>();
		c.put("id", "java/" + id);
		c.put("by", "java");
		c.put("expect", expect);
		c.put("scheme", "github");
		c.put("key", KEY);
		c.put("now", 1750000003);
		c.put("method", "POST");
		c.put("url", "");
		c.put("headers", Map.of("X-Hub-Signature-256", "sha256=" + hex));
		c.put("body_base64", Base64.getEncoder().encodeToString(body.getBytes(StandardCharsets.UTF_8)));
		System.out.println(JACKSON.writeValueAsString(c));
	}

	static byte[] utf8(String s) { return s.getBytes(StandardCharsets.UTF_8); }

	public static void main(String[] args) throws Exception {
		// Jackson escapes surrogate pairs when it writes bytes.
		String emoji = "{\"text\":\"Zoë 😀 ok\",\"n\":1}", kana = "{\"events\":[{\"t\":\"こんにちは\",\"e\":\"🤨👍\"}]}";
		out("jackson-pairs", "body.reserialised.compact.jackson", JACKSON.writeValueAsBytes(JACKSON.readTree(emoji)), emoji);
		out("jackson-pairs-kana", "body.reserialised.compact.jackson", JACKSON.writeValueAsBytes(JACKSON.readTree(kana)), kana);
		out("jackson-pairs-received", "body.reserialised.compact.unescaped", utf8(emoji), new String(JACKSON.writeValueAsBytes(JACKSON.readTree(emoji)), StandardCharsets.UTF_8));

		// Java's way with doubles.
		String numbers = "{\"a\":12345678.5,\"b\":0.0005}";
		out("doubles", "body.reserialised.compact.numbers.java", JACKSON.writeValueAsBytes(JACKSON.readTree(numbers)), numbers);
		out("doubles-large", "body.number.exponent", utf8("{\"amount\":1.0E10,\"id\":3}"), "{\"amount\":10000000000,\"id\":3}");
		out("doubles-small", "body.reserialised.compact.numbers.java", utf8("{\"rate\":1.5E-5,\"id\":3}"), "{\"rate\":0.000015,\"id\":3}");

		// Gson escapes what could be HTML, = and '.
		String query = "{\"url\":\"https://a.example/?x=1&y=2\",\"by\":\"O'Neil\"}";
		out("gson", "body.reserialised.compact.gson", utf8(new com.google.gson.Gson().toJson(JsonParser.parseString(query))), query);
		String equals = "{\"key\":\"a=b\"}";
		out("gson-equals", "body.reserialised.compact.gson", utf8(new com.google.gson.Gson().toJson(JsonParser.parseString(equals))), equals);
	}
}
