package org.ergometer.runtime.telemetry;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Collections;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.storage.FileProblem;

/** The key and certificate by which readers know the server, and what is sent is encrypted. */
public final class ServerIdentity {

  private final SSLContext context;

  private ServerIdentity(SSLContext context) {
    this.context = context;
  }

  /**
   * That of a keystore, PKCS 12 or Java's own, as keytool makes it.
   *
   * @param passwordFile file with one line, the password of keystore and key
   * @throws IllegalArgumentException if there is no key in it that this password opens
   */
  public static ServerIdentity read(Path keystore, Path passwordFile) {
    char[] password = password(passwordFile);
    if (!Files.isRegularFile(keystore)) {
      throw new InvalidInputException(
          "metrics-keystore must be a file, and %s is none; set --metrics-keystore"
              .formatted(keystore));
    }
    try {
      KeyStore store = KeyStore.getInstance(keystore.toFile(), password);
      boolean hasKey = false;
      for (String alias : Collections.list(store.aliases())) {
        hasKey |= store.isKeyEntry(alias);
      }
      if (!hasKey) {
        throw new InvalidInputException(
            "metrics-keystore must hold a key with its certificate, and %s holds none; set --metrics-keystore"
                .formatted(keystore));
      }
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, password);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return new ServerIdentity(context);
    } catch (FileSystemException e) {
      throw new InvalidInputException(
          "metrics-keystore %s cannot be read (%s); set --metrics-keystore"
              .formatted(keystore, FileProblem.of(e)),
          e);
    } catch (IOException | GeneralSecurityException e) {
      throw new InvalidInputException(
          "metrics-keystore %s is no keystore, or not one of the password in %s; set --metrics-keystore and --metrics-keystore-password"
              .formatted(keystore, passwordFile),
          e);
    }
  }

  private static char[] password(Path file) {
    try {
      return Files.readString(file).strip().toCharArray();
    } catch (IOException e) {
      throw new InvalidInputException(
          "metrics-keystore-password names %s, which cannot be read (%s); set --metrics-keystore-password"
              .formatted(file, FileProblem.of(e)),
          e);
    }
  }

  SSLContext context() {
    return context;
  }
}
