import com.aliyuncs.DefaultAcsClient;
import com.aliyuncs.IAcsClient;
import com.aliyuncs.http.ProtocolType;
import com.aliyuncs.profile.DefaultProfile;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.extension.*;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** Starts a server that all tests share, and hands each test an {@link Account} of its own. */
public class RdsMock implements BeforeAllCallback, BeforeEachCallback, ParameterResolver {
    private static final Namespace SPACE = Namespace.create(RdsMock.class);

    /** A running server; JUnit closes it after the last test. */
    record Server(Process process, String url) implements AutoCloseable {
        static Server start() {
            var binary = System.getenv().getOrDefault("RDS_MOCK_BIN", "rds-mock");
            try {
                var process = new ProcessBuilder(binary, "--listen", "127.0.0.1:0")
                        .redirectError(ProcessBuilder.Redirect.DISCARD).start();
                return new Server(process, process.inputReader().readLine());
            } catch (IOException error) {
                throw new ExtensionConfigurationException("rds-mock did not start", error);
            }
        }

        /** Posts to a route under /_mock/. */
        JsonObject control(String path, String body) throws IOException, InterruptedException {
            var request = HttpRequest.newBuilder(URI.create(url + "/_mock/" + path))
                    .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build();
            var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
            if (answer.statusCode() >= 300) throw new AssertionError(answer.body());
            return JsonParser.parseString(answer.body()).getAsJsonObject();
        }

        @Override
        public void close() {
            process.destroy();
        }
    }

    /** An account: nothing that other tests do is seen in it. */
    public record Account(Server server, String id, String keyId, String secret) {
        public IAcsClient client() {
            var profile = DefaultProfile.getProfile("cn-hangzhou", keyId, secret);
            profile.getHttpClientConfig().setProtocolType(ProtocolType.HTTP);
            DefaultProfile.addEndpoint("cn-hangzhou", "Rds", URI.create(server.url).getAuthority());
            return new DefaultAcsClient(profile);
        }

        public void control(String route, String body) throws IOException, InterruptedException {
            server.control(route + "?account=" + id, body);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot().getStore(SPACE).getOrComputeIfAbsent("server", key -> Server.start());
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        var server = context.getStore(SPACE).get("server", Server.class);
        var made = server.control("accounts", "");
        context.getStore(SPACE).put("account", new Account(server, made.get("AccountId").getAsString(),
                made.get("AccessKeyId").getAsString(), made.get("AccessKeySecret").getAsString()));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Account.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getStore(SPACE).get("account");
    }
}
