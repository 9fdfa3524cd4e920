package org.ergometer.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.text.Format;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Formatter;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * No text has the digits of the language that a machine is set to: programs read them, and a
 * Persian address cannot be opened.
 */
class MachineTextsTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.ergometer");

  /** Conversions of numbers; {@code %s} takes a number as {@code toString} writes it. */
  private static final Pattern LOCALIZED =
      Pattern.compile("(?<!%)(?:%%)*%(?:\\d+\\$)?[-#+ 0,(]*\\d*(?:\\.\\d+)?[dfegaEGAtT]");

  @Test
  void formattingNamesItsLocale() {
    noClasses()
        .should()
        .callMethod(String.class, "format", String.class, Object[].class)
        .orShould()
        .callMethod(String.class, "toLowerCase")
        .orShould()
        .callMethod(String.class, "toUpperCase")
        .orShould()
        .callMethod(PrintStream.class, "printf", String.class, Object[].class)
        .orShould()
        .callMethod(PrintStream.class, "format", String.class, Object[].class)
        .orShould()
        .callMethod(PrintWriter.class, "printf", String.class, Object[].class)
        .orShould()
        .callMethod(PrintWriter.class, "format", String.class, Object[].class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Format.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Formatter.class)
        .check(CLASSES);
  }

  /** {@code formatted} cannot name one. */
  @Test
  void textsThatNameNoLocaleFormatNoNumber() throws IOException {
    List<String> found = new ArrayList<>();
    for (JavaClass type : CLASSES) {
      found.addAll(localized(type));
    }

    assertThat(found).as("%%s, or String.format(Locale.ROOT, …)").isEmpty();
  }

  @Test
  void conversionsOfNumbersAreFound() {
    for (String format : List.of("%d of them", "%,d", "%08d", "%.3f", "%%%d", "%1$e", "%-8.1g")) {
      assertThat(LOCALIZED.matcher(format).find()).as(format).isTrue();
    }
    for (String format : List.of("%s", "100 %%d", "%08x", "%n", "%-8s %c")) {
      assertThat(LOCALIZED.matcher(format).find()).as(format).isFalse();
    }
  }

  private static List<String> localized(JavaClass type) throws IOException {
    List<String> found = new ArrayList<>();
    try (InputStream file = type.getSource().orElseThrow().getUri().toURL().openStream()) {
      ClassVisitor visitor =
          new ClassVisitor(Opcodes.ASM9) {
            @Override
            public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] thrown) {
              return new FormattedTexts(type.getName() + "." + name, found);
            }
          };
      new ClassReader(file).accept(visitor, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    }
    return found;
  }

  /**
   * Receivers of {@code formatted} that format numbers. A constant lies on the stack just below the
   * array of the arguments.
   */
  private static final class FormattedTexts extends MethodVisitor {

    private static final String ARRAY = "[Ljava/lang/Object;)";

    private final String place;
    private final List<String> found;
    private final Deque<String> belowArrays = new ArrayDeque<>();
    private String constant = "";

    FormattedTexts(String place, List<String> found) {
      super(Opcodes.ASM9);
      this.place = place;
      this.found = found;
    }

    @Override
    public void visitLdcInsn(Object value) {
      constant = value instanceof String text ? text : "";
    }

    @Override
    public void visitTypeInsn(int opcode, String type) {
      if (opcode == Opcodes.ANEWARRAY && type.equals("java/lang/Object")) {
        belowArrays.push(constant);
      }
      constant = "";
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean isInterface) {
      if (descriptor.contains(ARRAY) && !belowArrays.isEmpty()) {
        String format = belowArrays.pop();
        if (owner.equals("java/lang/String")
            && name.equals("formatted")
            && LOCALIZED.matcher(format).find()) {
          found.add(place + ": " + format);
        }
      }
      constant = "";
    }

    @Override
    public void visitVarInsn(int opcode, int variable) {
      constant = "";
    }

    @Override
    public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
      constant = "";
    }
  }
}
