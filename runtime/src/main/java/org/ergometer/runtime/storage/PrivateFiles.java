package org.ergometer.runtime.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Files and directories that their owner alone may read, where the file system knows owners. */
public final class PrivateFiles {

  private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> DIRECTORY =
      PosixFilePermissions.fromString("rwx------");

  private static final Set<PosixFilePermission> OTHERS_READ =
      Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);

  private PrivateFiles() {}

  /** Whether somebody may not read a file. */
  public static boolean isPrivate(Path file) throws IOException {
    PosixFileAttributeView owners = view(file);
    return owners != null
        && !owners.readAttributes().permissions().contains(PosixFilePermission.OTHERS_READ);
  }

  /** Whether more users than its owner may read a file; false where the system does not tell. */
  public static boolean othersMayRead(Path file) {
    PosixFileAttributeView owners = view(file);
    try {
      return owners != null
          && !Collections.disjoint(owners.readAttributes().permissions(), OTHERS_READ);
    } catch (IOException e) {
      return false;
    }
  }

  /** Makes a directory that only its owner may enter, where there is none. */
  public static Path createDirectory(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return directory;
    }
    Path parent = directory.toAbsolutePath().getParent();
    if (parent == null) {
      return directory;
    }
    Files.createDirectories(parent);
    FileAttribute<?>[] attributes =
        view(parent) == null
            ? new FileAttribute<?>[0]
            : new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(DIRECTORY)};
    return Files.createDirectories(directory, attributes);
  }

  /** Takes from all but its owner what is allowed with a directory and the files in it. */
  public static void restrict(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.toList()) {
        PosixFileAttributeView owners = view(path);
        if (owners != null) {
          owners.setPermissions(Files.isDirectory(path) ? DIRECTORY : FILE);
        }
      }
    }
  }

  private static @Nullable PosixFileAttributeView view(Path path) {
    return Files.getFileAttributeView(path, PosixFileAttributeView.class);
  }
}
