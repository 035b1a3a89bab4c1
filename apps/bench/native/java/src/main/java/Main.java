import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The programs of the bench for the official Java client. It always dials wss://ws.kite.trade. */
public final class Main {
  public static void main(String[] arguments) throws Throwable {
    trust(Path.of(System.getenv("SSL_CERT_FILE")));
    switch (arguments[0]) {
      case "peer" -> Peer.main(arguments);
      case "conformance" -> Conformance.main();
      default -> throw new IllegalArgumentException("no program is called " + arguments[0]);
    }
  }

  /** Java does not read this variable, as the other clients do. */
  private static void trust(Path certificate) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null);
    try (var input = Files.newInputStream(certificate)) {
      store.setCertificateEntry("bench", CertificateFactory.getInstance("X.509").generateCertificate(input));
    }
    TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    SSLContext.setDefault(context);
  }
}
