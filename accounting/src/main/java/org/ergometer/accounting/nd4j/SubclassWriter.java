package org.ergometer.accounting.nd4j;

import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Writes a subclass, in this package, whose methods do what the superclass or a delegate does and
 * call something of ours afterwards.
 */
final class SubclassWriter {

  /** Stands for a null argument in {@link Counted#arguments}. */
  static final int ABSENT = -1;

  /** Stands for what the method returned. */
  static final int RESULT = -2;

  private final String name;
  private final Class<?> superclass;
  private final ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);

  /**
   * What is called when a method has returned.
   *
   * @param before static method without parameters that is called first, or null
   * @param after static method that is called last: it gets what {@code before} returned, or else
   *     the object itself, then the constants, then the arguments
   * @param constants strings and enum constants
   * @param arguments positions of the method's arguments that are handed on; {@link #RESULT} for
   *     its result, {@link #ABSENT} for null
   */
  record Counted(
      @Nullable Method before, Method after, List<Object> constants, List<Integer> arguments) {}

  SubclassWriter(String simpleName, Class<?> superclass) {
    this.name = (SubclassWriter.class.getPackageName() + "." + simpleName).replace('.', '/');
    this.superclass = superclass;
    int access = Opcodes.ACC_PUBLIC | Opcodes.ACC_FINAL | Opcodes.ACC_SUPER;
    writer.visit(Opcodes.V17, access, name, null, Type.getInternalName(superclass), null);
    for (Constructor<?> constructor : superclass.getDeclaredConstructors()) {
      if (!Modifier.isPrivate(constructor.getModifiers())) {
        imitate(constructor);
      }
    }
  }

  /** Implements a method by calling it on the object in field {@code delegate}. */
  void handOn(Method method, String delegate, @Nullable Counted counted) {
    Class<?> type = method.getDeclaringClass();
    override(
        method,
        counted,
        code -> {
          code.visitVarInsn(Opcodes.ALOAD, 0);
          code.visitFieldInsn(
              Opcodes.GETFIELD,
              Type.getInternalName(superclass),
              delegate,
              Type.getDescriptor(type));
          loadArguments(code, method);
          code.visitMethodInsn(
              Opcodes.INVOKEINTERFACE,
              Type.getInternalName(type),
              method.getName(),
              Type.getMethodDescriptor(method),
              true);
        });
  }

  /** Overrides a method by calling the superclass's. */
  void extend(Method method, Counted counted) {
    override(method, counted, code -> callSuper(code, method));
  }

  /** Adds a public field. */
  void field(String field, Class<?> type) {
    writer.visitField(Opcodes.ACC_PUBLIC, field, Type.getDescriptor(type), null, null).visitEnd();
  }

  /**
   * Overrides a method by calling the superclass's between {@code enter} and {@code leave}.
   *
   * @param enter static method that takes the value of {@code field}; its result is dropped
   * @param leave static method that is called however the method ends
   */
  void enclose(Method method, Method enter, String field, Method leave) {
    MethodVisitor code = begin(method.getModifiers(), method.getName(), descriptor(method));
    Label start = new Label();
    Label end = new Label();
    Label failed = new Label();
    code.visitTryCatchBlock(start, end, failed, null);
    code.visitVarInsn(Opcodes.ALOAD, 0);
    String type = Type.getDescriptor(enter.getParameterTypes()[0]);
    code.visitFieldInsn(Opcodes.GETFIELD, name, field, type);
    callStatic(code, enter);
    code.visitInsn(Opcodes.POP);
    code.visitLabel(start);
    callSuper(code, method);
    code.visitLabel(end);
    callStatic(code, leave);
    code.visitInsn(Type.getReturnType(method).getOpcode(Opcodes.IRETURN));
    code.visitLabel(failed);
    Object[] stack = {"java/lang/Throwable"};
    code.visitFrame(Opcodes.F_SAME1, 0, null, stack.length, stack);
    callStatic(code, leave);
    code.visitInsn(Opcodes.ATHROW);
    code.visitMaxs(0, 0);
    code.visitEnd();
  }

  /** Loads the class beside this one. */
  Class<?> load() {
    writer.visitEnd();
    try {
      return MethodHandles.lookup().defineClass(writer.toByteArray());
    } catch (IllegalAccessException e) {
      throw new LinkageError("cannot define " + name, e);
    }
  }

  private void override(Method method, @Nullable Counted counted, Call call) {
    Type result = Type.getReturnType(method);
    int beforeSlot = 1 + argumentSlots(method);
    int resultSlot = beforeSlot + Type.LONG_TYPE.getSize();
    MethodVisitor code = begin(method.getModifiers(), method.getName(), descriptor(method));
    if (counted != null && counted.before() != null) {
      callStatic(code, counted.before());
      code.visitVarInsn(Opcodes.LSTORE, beforeSlot);
    }
    call.write(code);
    if (counted != null) {
      if (result.getSize() > 0) {
        code.visitVarInsn(result.getOpcode(Opcodes.ISTORE), resultSlot);
      }
      count(code, method, counted);
      if (result.getSize() > 0) {
        code.visitVarInsn(result.getOpcode(Opcodes.ILOAD), resultSlot);
      }
    }
    end(code, result);
  }

  private static void count(MethodVisitor code, Method method, Counted counted) {
    int beforeSlot = 1 + argumentSlots(method);
    if (counted.before() == null) {
      code.visitVarInsn(Opcodes.ALOAD, 0);
    } else {
      code.visitVarInsn(Opcodes.LLOAD, beforeSlot);
    }
    for (Object constant : counted.constants()) {
      loadConstant(code, constant);
    }
    for (int position : counted.arguments()) {
      switch (position) {
        case ABSENT -> code.visitInsn(Opcodes.ACONST_NULL);
        case RESULT ->
            code.visitVarInsn(
                Type.getReturnType(method).getOpcode(Opcodes.ILOAD),
                beforeSlot + Type.LONG_TYPE.getSize());
        default -> loadArgument(code, method, position);
      }
    }
    callStatic(code, counted.after());
  }

  private static void loadConstant(MethodVisitor code, Object constant) {
    if (constant instanceof Enum<?> value) {
      Class<?> type = value.getDeclaringClass();
      code.visitFieldInsn(
          Opcodes.GETSTATIC, Type.getInternalName(type), value.name(), Type.getDescriptor(type));
    } else {
      code.visitLdcInsn(constant);
    }
  }

  private void imitate(Constructor<?> constructor) {
    String descriptor = Type.getConstructorDescriptor(constructor);
    MethodVisitor code = begin(0, "<init>", descriptor);
    code.visitVarInsn(Opcodes.ALOAD, 0);
    int slot = 1;
    for (Class<?> parameter : constructor.getParameterTypes()) {
      Type type = Type.getType(parameter);
      code.visitVarInsn(type.getOpcode(Opcodes.ILOAD), slot);
      slot += type.getSize();
    }
    code.visitMethodInsn(
        Opcodes.INVOKESPECIAL, Type.getInternalName(superclass), "<init>", descriptor, false);
    end(code, Type.VOID_TYPE);
  }

  private void callSuper(MethodVisitor code, Method method) {
    code.visitVarInsn(Opcodes.ALOAD, 0);
    loadArguments(code, method);
    code.visitMethodInsn(
        Opcodes.INVOKESPECIAL,
        Type.getInternalName(superclass),
        method.getName(),
        descriptor(method),
        false);
  }

  private MethodVisitor begin(int modifiers, String method, String descriptor) {
    int access = Modifier.isProtected(modifiers) ? Opcodes.ACC_PROTECTED : Opcodes.ACC_PUBLIC;
    MethodVisitor code = writer.visitMethod(access, method, descriptor, null, null);
    code.visitCode();
    return code;
  }

  /** The greatest stack and the locals are computed by the writer. */
  private static void end(MethodVisitor code, Type result) {
    code.visitInsn(result.getOpcode(Opcodes.IRETURN));
    code.visitMaxs(0, 0);
    code.visitEnd();
  }

  private static void callStatic(MethodVisitor code, Method method) {
    code.visitMethodInsn(
        Opcodes.INVOKESTATIC,
        Type.getInternalName(method.getDeclaringClass()),
        method.getName(),
        descriptor(method),
        false);
  }

  private static void loadArguments(MethodVisitor code, Method method) {
    for (int position = 0; position < method.getParameterCount(); position++) {
      loadArgument(code, method, position);
    }
  }

  private static void loadArgument(MethodVisitor code, Method method, int position) {
    Type[] types = Type.getArgumentTypes(method);
    int slot = 1;
    for (int earlier = 0; earlier < position; earlier++) {
      slot += types[earlier].getSize();
    }
    code.visitVarInsn(types[position].getOpcode(Opcodes.ILOAD), slot);
  }

  private static int argumentSlots(Method method) {
    int slots = 0;
    for (Type type : Type.getArgumentTypes(method)) {
      slots += type.getSize();
    }
    return slots;
  }

  private static String descriptor(Method method) {
    return Type.getMethodDescriptor(method);
  }

  /** Code that leaves a method's result on the stack. */
  private interface Call {
    void write(MethodVisitor code);
  }
}
