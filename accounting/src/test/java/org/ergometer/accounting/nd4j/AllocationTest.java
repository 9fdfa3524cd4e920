package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.invoke.MethodHandles;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import org.bytedeco.javacpp.BooleanPointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.LongPointer;
import org.ergometer.accounting.flops.FlopRegistry;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.OpaqueContext;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Counting allocates nothing once it has seen an op of each kind. */
class AllocationTest {

  private static final int WARM_UP = 20_000;
  private static final int OPS = 100_000;
  private static final int ROUNDS = 3;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final NativeOps SILENT = silent();
  private static final Class<? extends CountingNativeOps> DECORATOR =
      HookClasses.nativeOps("NativeOpsForAllocationTest");

  private final LongPointer shape = FakeNativeOps.MATRIX;
  private final Ledger ledger = new Ledger();
  private NativeOps ops = SILENT;

  @BeforeEach
  void decorate() throws ReflectiveOperationException {
    Recorder recorder = new Recorder();
    recorder.attach(
        new Recorder.Sink(ledger, new RuleTable(FlopRegistry.standard(), "matmul:42:2:1:0:0:0:;")));
    ops =
        DECORATOR
            .getDeclaredConstructor(NativeOps.class, Recorder.class)
            .newInstance(SILENT, recorder);
  }

  @Test
  void numberedOps() {
    assertNothingIsAllocated(
        () -> {
          ops.execTransformStrict(null, 29, null, shape, null, null, shape, null, null);
          ops.execScalar(null, 2, null, shape, null, null, shape, null, null, shape, null, null);
          ops.execReduceSame2(
              null, 0, null, shape, null, null, null, shape, null, null, null, null);
        },
        3);
  }

  @Test
  void customOpsWhoseContextIsUsedAgain() {
    OpaqueContext context = new ContextState(new OpaqueContext(shape));
    LongPointer integers = new LongPointer(0L, 1L);
    DoublePointer reals = new DoublePointer(1.0, 0.0);
    BooleanPointer flags = new BooleanPointer(true, false);
    assertNothingIsAllocated(
        () -> {
          ops.ctxPurge(context);
          ops.setGraphContextInputBuffer(context, 0, null, shape, null);
          ops.setGraphContextInputBuffer(context, 1, null, shape, null);
          ops.setGraphContextOutputBuffer(context, 0, null, shape, null);
          ops.setGraphContextIArguments(context, integers, 2);
          ops.setGraphContextTArguments(context, reals, 2);
          ops.setGraphContextBArguments(context, flags, 2);
          ops.execCustomOp2(null, 42, context);
        },
        1);
  }

  @Test
  void copies() {
    assertNothingIsAllocated(() -> ops.convertTypes(null, 6, shape, 100, 3, shape), 1);
  }

  /** The least of three rounds: an allocation of the JVM's own happens in one, ours in each. */
  private void assertNothingIsAllocated(Runnable work, int opsEach) {
    Scope scope = Scope.enter(Phase.FORWARD, "layer");
    repeat(work, WARM_UP);
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long before = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
      repeat(work, OPS);
      long after = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
      least = Math.min(least, after - before);
    }
    scope.close();
    assertThat(ledger.snapshot().executions()).isEqualTo((long) opsEach * (WARM_UP + ROUNDS * OPS));
    assertThat(ledger.snapshot().accountingErrors()).isZero();
    assertThat(least).isZero();
  }

  private static void repeat(Runnable work, int times) {
    for (int i = 0; i < times; i++) {
      work.run();
    }
  }

  /** A native seam that answers 0 to everything; a reflective proxy would allocate. */
  private static NativeOps silent() {
    String name = "org/ergometer/accounting/nd4j/SilentNativeOps";
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    String[] interfaces = {Type.getInternalName(NativeOps.class)};
    writer.visit(Opcodes.V17, Opcodes.ACC_PUBLIC, name, null, "java/lang/Object", interfaces);
    MethodVisitor constructor = writer.visitMethod(Opcodes.ACC_PUBLIC, "<init>", "()V", null, null);
    constructor.visitVarInsn(Opcodes.ALOAD, 0);
    constructor.visitMethodInsn(Opcodes.INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false);
    constructor.visitInsn(Opcodes.RETURN);
    constructor.visitMaxs(0, 0);
    for (Method method : NativeOps.class.getMethods()) {
      MethodVisitor code =
          writer.visitMethod(
              Opcodes.ACC_PUBLIC, method.getName(), Type.getMethodDescriptor(method), null, null);
      Type result = Type.getReturnType(method);
      switch (result.getSort()) {
        case Type.VOID -> {}
        case Type.LONG -> code.visitInsn(Opcodes.LCONST_0);
        case Type.FLOAT -> code.visitInsn(Opcodes.FCONST_0);
        case Type.DOUBLE -> code.visitInsn(Opcodes.DCONST_0);
        case Type.OBJECT -> code.visitInsn(Opcodes.ACONST_NULL);
        default -> code.visitInsn(Opcodes.ICONST_0);
      }
      code.visitInsn(result.getOpcode(Opcodes.IRETURN));
      code.visitMaxs(0, 0);
    }
    try {
      return (NativeOps)
          MethodHandles.lookup()
              .defineClass(writer.toByteArray())
              .getDeclaredConstructor()
              .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no silent seam", e);
    }
  }
}
