package org.ergometer.accounting.nd4j;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * A Java agent that wraps every native method of ND4J, JavaCPP and what JavaCPP binds: the method
 * gets a prefix, and in its place comes one that tells {@link NativeCallLog} and calls it.
 */
public final class NativeCallAgent {

  private static final String PREFIX = "logged$";

  private NativeCallAgent() {}

  /** Called by the JVM before {@code main}. */
  public static void premain(String arguments, Instrumentation instrumentation) {
    Wrapping wrapping = new Wrapping();
    instrumentation.addTransformer(wrapping);
    instrumentation.setNativeMethodPrefix(wrapping, PREFIX);
  }

  private static final class Wrapping implements ClassFileTransformer {
    @Override
    public byte @Nullable [] transform(
        @Nullable ClassLoader loader,
        String type,
        @Nullable Class<?> redefined,
        @Nullable ProtectionDomain domain,
        byte[] bytes) {
      if (!type.startsWith("org/nd4j/") && !type.startsWith("org/bytedeco/")) {
        return null;
      }
      ClassReader reader = new ClassReader(bytes);
      ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
      reader.accept(new Wrapper(type, writer), 0);
      return writer.toByteArray();
    }
  }

  private static final class Wrapper extends ClassVisitor {
    private final String type;

    Wrapper(String type, ClassWriter writer) {
      super(Opcodes.ASM9, writer);
      this.type = type;
    }

    @Override
    public @Nullable MethodVisitor visitMethod(
        int access,
        String name,
        String descriptor,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      if ((access & Opcodes.ACC_NATIVE) == 0) {
        return super.visitMethod(access, name, descriptor, signature, exceptions);
      }
      wrap(access & ~Opcodes.ACC_NATIVE, name, descriptor, exceptions);
      int visibility = Opcodes.ACC_PUBLIC | Opcodes.ACC_PROTECTED | Opcodes.ACC_PRIVATE;
      int hidden = (access & ~visibility) | Opcodes.ACC_PRIVATE;
      return super.visitMethod(hidden, PREFIX + name, descriptor, signature, exceptions);
    }

    private void wrap(int access, String name, String descriptor, String @Nullable [] exceptions) {
      boolean isStatic = (access & Opcodes.ACC_STATIC) != 0;
      MethodVisitor code = super.visitMethod(access, name, descriptor, null, exceptions);
      code.visitCode();
      code.visitMethodInsn(
          Opcodes.INVOKESTATIC, Type.getInternalName(NativeCallLog.class), "called", "()V", false);
      int slot = 0;
      if (!isStatic) {
        code.visitVarInsn(Opcodes.ALOAD, slot++);
      }
      for (Type argument : Type.getArgumentTypes(descriptor)) {
        code.visitVarInsn(argument.getOpcode(Opcodes.ILOAD), slot);
        slot += argument.getSize();
      }
      int call = isStatic ? Opcodes.INVOKESTATIC : Opcodes.INVOKESPECIAL;
      code.visitMethodInsn(call, type, PREFIX + name, descriptor, false);
      code.visitInsn(Type.getReturnType(descriptor).getOpcode(Opcodes.IRETURN));
      code.visitMaxs(0, 0);
      code.visitEnd();
    }
  }
}
