// Each form of forms.json, one a line, parsed and written by Java. Prints JSON lines; see generate.
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;

public class Write {
	public static void main(String[] args) {
		Scanner in = new Scanner(System.in, StandardCharsets.UTF_8);
		for (int i = 0; in.hasNextLine(); i++) {
			List<String> out = new ArrayList<>();
			for (String pair : in.nextLine().split("&")) {
				List<String> parts = new ArrayList<>();
				for (String part : pair.split("=", 2)) {
					parts.add(URLEncoder.encode(URLDecoder.decode(part, StandardCharsets.UTF_8), StandardCharsets.UTF_8));
				}
				out.add(String.join("=", parts));
			}
			System.out.printf("{\"writer\":\"Java (URLEncoder)\",\"form\":%d,\"text\":\"%s\"}%n", i, String.join("&", out));
		}
	}
}
