import java.io.IOException;
import java.nio.charset.StandardCharsets;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.servlet.http.HttpServletRequest;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.springframework.http.ResponseEntity;
import org.springframework.util.StreamUtils;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.support.StaticWebApplicationContext;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

public class Spring {
	@RestController
	public static class Hooks {
		RECIPE

		// What most people write first: of a form it is made anew from the parameters.
		@PostMapping("/request-body")
		ResponseEntity<Void> requestBody(@RequestBody byte[] raw, HttpServletRequest request) {
			return ResponseEntity.status(verify(raw, request) ? 200 : 401).build();
		}
	}

	static boolean verify(byte[] raw, HttpServletRequest request) {
		try {
			Mac mac = Mac.getInstance("HmacSHA256");
			mac.init(new SecretKeySpec(System.getenv("KEY").getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
			StringBuilder hex = new StringBuilder();
			for (byte b : mac.doFinal(raw)) hex.append(String.format("%02x", b));
			return hex.toString().equals(request.getHeader("X-Signature"));
		} catch (java.security.GeneralSecurityException e) {
			throw new IllegalStateException(e);
		}
	}

	public static void main(String[] args) throws Exception {
		StaticWebApplicationContext context = new StaticWebApplicationContext(); // no configuration class: Spring 4 cannot enhance one on Java 17
		context.registerSingleton("mapping", RequestMappingHandlerMapping.class);
		context.registerSingleton("adapter", RequestMappingHandlerAdapter.class);
		context.registerSingleton("hooks", Hooks.class);
		Tomcat tomcat = new Tomcat();
		tomcat.setBaseDir(System.getProperty("java.io.tmpdir") + "/tomcat." + System.getenv("PORT"));
		tomcat.setPort(Integer.parseInt(System.getenv("PORT")));
		tomcat.getConnector().setProperty("address", "127.0.0.1");
		Context root = tomcat.addContext("", null);
		Tomcat.addServlet(root, "spring", new DispatcherServlet(context)).setLoadOnStartup(1);
		root.addServletMappingDecoded("/", "spring");
		tomcat.start();
		tomcat.getServer().await();
	}
}
