package org.ergometer.runtime.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS with a key and certificate that keytool made. */
class ServerIdentityTest {

  private static final String PASSWORD = "change it";
  private static final Map<String, Resource> RESOURCES =
      Map.of("/metrics", request -> Resource.Answer.of("text/plain", "some text\n"));

  private final Path directory;
  private final Path keystore;
  private final Path password;

  ServerIdentityTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.keystore = directory.resolve("server.p12");
    this.password = Files.writeString(directory.resolve("password"), PASSWORD + "\n");
  }

  private void keytool(Path store, String command) throws Exception {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    words.addAll(List.of(command.split(" ")));
    words.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private void makeKey() throws Exception {
    keytool(
        keystore,
        "-genkeypair -alias server -keyalg EC -dname CN=test -ext SAN=ip:127.0.0.1 -validity 2");
  }

  @Test
  void whatIsServedIsEncrypted() throws Exception {
    makeKey();
    Protection protection = new Protection(null, ServerIdentity.read(keystore, password));
    try (MetricsServer server = MetricsServer.start("127.0.0.1", 0, protection, RESOURCES);
        Socket silent = new Socket(InetAddress.getLoopbackAddress(), server.port());
        Socket half = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      assertThat(silent.isConnected()).isTrue();
      half.getOutputStream().write(new byte[] {22, 3, 1}); // a handshake's first bytes
      assertThat(server.url("/metrics")).startsWith("https://127.0.0.1:");
      HttpRequest request = HttpRequest.newBuilder(URI.create(server.url("/metrics"))).build();

      assertThat(trusting().send(request, BodyHandlers.ofString()).body()).isEqualTo("some text\n");
      assertThatThrownBy(() -> HttpClient.newHttpClient().send(request, BodyHandlers.ofString()))
          .as("nobody has told this one of the certificate")
          .isInstanceOf(IOException.class);
      URI plain = URI.create(server.url("/metrics").replace("https", "http"));
      assertThatThrownBy(
              () ->
                  HttpClient.newHttpClient()
                      .send(HttpRequest.newBuilder(plain).build(), BodyHandlers.ofString()))
          .isInstanceOf(IOException.class);
    }
  }

  private HttpClient trusting() throws Exception {
    KeyStore store = KeyStore.getInstance(keystore.toFile(), PASSWORD.toCharArray());
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    trusted.setCertificateEntry("server", store.getCertificate("server"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return HttpClient.newBuilder().sslContext(context).build();
  }

  @Test
  void saysWhatIsWrongWithAKeystore() throws Exception {
    makeKey();
    Path wrong = Files.writeString(directory.resolve("wrong"), "another");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServerIdentity.read(keystore, wrong))
        .withMessageStartingWith("metrics-keystore " + keystore + " is no keystore, or not one of")
        .withMessageEndingWith("; set --metrics-keystore and --metrics-keystore-password");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServerIdentity.read(directory.resolve("none"), password))
        .withMessageContaining("must be a file, and");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServerIdentity.read(keystore, directory.resolve("none")))
        .withMessageStartingWith("metrics-keystore-password names");
  }

  @Test
  void aKeystoreWithoutAKeyIsRefused() throws Exception {
    makeKey();
    Path certificate = directory.resolve("server.crt");
    keytool(keystore, "-exportcert -alias server -file " + certificate);
    Path trusted = directory.resolve("trusted.p12");
    keytool(trusted, "-importcert -noprompt -alias server -file " + certificate);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServerIdentity.read(trusted, password))
        .withMessage(
            "metrics-keystore must hold a key with its certificate, and %s holds none; set --metrics-keystore"
                .formatted(trusted));
  }
}
