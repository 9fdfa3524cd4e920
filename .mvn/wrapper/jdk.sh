# Sets java_command to a JDK 17 or newer, or ends with exit code 2 and one line. Sourced, not run.

if [ -n "${JAVA_HOME:-}" ]; then
  java_command=$JAVA_HOME/bin/java
else
  java_command=$(command -v java || true)
fi
if [ ! -x "$java_command" ]; then
  echo "ergometer: no JDK found${JAVA_HOME:+ in JAVA_HOME=$JAVA_HOME}; install JDK 17 or newer, or set JAVA_HOME to one" >&2
  exit 2
fi
# Reading the JDK's release file takes a millisecond where asking java itself takes a hundred.
java_home=$(readlink -f "$java_command" 2>/dev/null || echo "$java_command")
java_home=${java_home%/bin/java}
java_version=$(sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$java_home/release" 2>/dev/null || true)
if [ -z "$java_version" ]; then
  java_version=$("$java_command" -XshowSettings:properties -version 2>&1 |
    sed -n 's/^ *java\.specification\.version = //p')
fi
java_major=${java_version#1.}
java_major=${java_major%%[!0-9]*}
if [ "${java_major:-0}" -lt 17 ]; then
  echo "ergometer: JDK ${java_version:-of unknown version} at $java_command is too old; install JDK 17 or newer, or set JAVA_HOME to one" >&2
  exit 2
fi
