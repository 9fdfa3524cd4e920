import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Fetches a Maven archive, checks its SHA-512 and unpacks it; run by {@code mvnw} with nothing but a
 * JDK. Arguments: address, SHA-512 in hex, folder that will be Maven's home.
 */
public final class FetchMaven {

  private static final int TIMEOUT_MILLIS = 60_000;

  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[2]);
    Files.createDirectories(home.getParent());
    Path work = Files.createTempDirectory(home.getParent(), "fetch-");
    int exit = 0;
    try {
      Path archive = work.resolve("maven.zip");
      download(URI.create(arguments[0]), archive);
      check(archive, arguments[1]);
      moveIntoPlace(unpack(archive, work), home);
    } catch (IOException | IllegalStateException failure) {
      System.err.printf(
          "mvnw: cannot fetch Maven from %s (%s); check the network, or use an installed Maven (mvn)%n",
          arguments[0], failure);
      exit = 1;
    } finally {
      delete(work);
    }
    System.exit(exit);
  }

  private static void download(URI address, Path target) throws IOException {
    URLConnection connection = address.toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    try (InputStream in = connection.getInputStream()) {
      Files.copy(in, target);
    }
  }

  private static void check(Path archive, String expected) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(archive));
    String actual = HexFormat.of().formatHex(digest);
    if (!actual.equals(expected)) {
      throw new IllegalStateException("SHA-512 is " + actual + ", expected " + expected);
    }
  }

  /** Unpacks into {@code work} and returns the archive's single top folder. */
  private static Path unpack(Path archive, Path work) throws IOException {
    Path top = null;
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(archive))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path target = work.resolve(entry.getName()).normalize();
        if (!target.startsWith(work)) {
          throw new IOException("archive entry leaves its folder: " + entry.getName());
        }
        if (entry.isDirectory()) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(target.getParent());
          Files.copy(zip, target);
        }
        top = work.resolve(work.relativize(target).getName(0));
      }
    }
    if (top == null || !top.resolve("bin/mvn").toFile().setExecutable(true)) {
      throw new IOException("archive holds no bin/mvn");
    }
    return top;
  }

  /** Another process may have been first; then its copy stays. */
  private static void moveIntoPlace(Path unpacked, Path home) throws IOException {
    try {
      Files.move(unpacked, home, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException someoneWasFirst) {
      if (!Files.isExecutable(home.resolve("bin/mvn"))) {
        throw someoneWasFirst;
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> deepestFirst;
    try (var paths = Files.walk(folder)) {
      deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.delete(path);
    }
  }
}
