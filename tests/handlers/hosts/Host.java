import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.springframework.web.context.support.StaticWebApplicationContext;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Serves the controller of the page with Spring and Tomcat as Debian has them, without Spring Boot. */
public class Host {
	public static void main(String[] args) throws Exception {
		StaticWebApplicationContext context = new StaticWebApplicationContext(); // no configuration class: Spring 4 cannot enhance one on Java 17
		context.registerSingleton("mapping", RequestMappingHandlerMapping.class);
		context.registerSingleton("adapter", RequestMappingHandlerAdapter.class);
		context.registerSingleton("hooks", Hooks.class);
		Tomcat tomcat = new Tomcat();
		tomcat.setBaseDir(System.getProperty("user.dir") + "/tomcat");
		tomcat.setPort(Integer.parseInt(System.getenv("PORT")));
		tomcat.getConnector().setProperty("address", "127.0.0.1");
		Context root = tomcat.addContext("", null);
		Tomcat.addServlet(root, "spring", new DispatcherServlet(context)).setLoadOnStartup(1);
		root.addServletMappingDecoded("/", "spring");
		tomcat.start();
		tomcat.getServer().await();
	}
}
