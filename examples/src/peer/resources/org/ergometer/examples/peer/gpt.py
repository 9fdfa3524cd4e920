class Gpt(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  weights : List[Tensor]
  gradients : List[Tensor]
  matrices : List[Tensor]
  matrix_means : List[Tensor]
  matrix_squares : List[Tensor]
  matrix_counts : List[Tensor]
  gains : List[Tensor]
  gain_means : List[Tensor]
  gain_squares : List[Tensor]
  gain_counts : List[Tensor]
  def add(self: __torch__.Gpt,
    values: Tensor) -> Tensor:
    weight = torch.clone(values)
    _0 = torch.append(self.weights, weight)
    if torch.gt(torch.dim(weight), 1):
      _1 = torch.append(self.matrices, weight)
      _2 = torch.append(self.matrix_means, torch.zeros_like(weight))
      _3 = torch.append(self.matrix_squares, torch.zeros_like(weight))
      _4 = torch.append(self.matrix_counts, torch.zeros([]))
    else:
      _5 = torch.append(self.gains, weight)
      _6 = torch.append(self.gain_means, torch.zeros_like(weight))
      _7 = torch.append(self.gain_squares, torch.zeros_like(weight))
      _8 = torch.append(self.gain_counts, torch.zeros([]))
    return weight
  def add_transposed(self: __torch__.Gpt,
    values: Tensor) -> Tensor:
    return (self).add(torch.contiguous(torch.t(values)), )
  def loss(self: __torch__.Gpt,
    tokens: Tensor,
    targets: Tensor,
    heads: int) -> Tensor:
    w = self.weights
    width = torch.size(w[0], 1)
    batch = torch.size(tokens, 0)
    time = torch.size(tokens, 1)
    blocks = torch.floordiv(torch.sub(torch.len(w), 3), 6)
    split = [batch, time, heads, torch.floordiv(width, heads)]
    x = torch.add(torch.embedding(w[0], tokens), w[1])
    for block in range(blocks):
      at = torch.add(2, torch.mul(block, 6))
      a = torch.layer_norm(x, [width], w[at], None, 1e-05, True)
      q, k, v = torch.split(torch.linear(a, w[torch.add(at, 1)]), width, 2)
      q0 = torch.transpose(torch.view(q, split), 1, 2)
      k0 = torch.transpose(torch.view(k, split), 1, 2)
      v0 = torch.transpose(torch.view(v, split), 1, 2)
      y = torch.scaled_dot_product_attention(q0, k0, v0, None, 0., True)
      y0 = torch.reshape(torch.transpose(y, 1, 2), [batch, time, width])
      x0 = torch.add(x, torch.linear(y0, w[torch.add(at, 2)]))
      b = torch.layer_norm(x0, [width], w[torch.add(at, 3)], None, 1e-05, True)
      h = torch.gelu(torch.linear(b, w[torch.add(at, 4)]), approximate="tanh")
      x = torch.add(x0, torch.linear(h, w[torch.add(at, 5)]))
    n = torch.layer_norm(x, [width], w[-1], None, 1e-05, True)
    logits = torch.view(torch.linear(n, w[0]), [torch.mul(batch, time), -1])
    return torch.cross_entropy_loss(logits, torch.view(targets, [-1]))
  def forward(self: __torch__.Gpt,
    tokens: Tensor,
    targets: Tensor,
    heads: Tensor) -> Tensor:
    self.gradients = annotate(List[Tensor], [])
    loss = (self).loss(tokens, targets, int(heads), )
    for gradient in torch.grad([loss], self.weights):
      _0 = torch.append(self.gradients, unchecked_cast(Tensor, gradient))
    return loss
  def update(self: __torch__.Gpt,
    rates: Tensor) -> Tensor:
    g = self.gradients
    clip = float(rates[4])
    norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(g, 2)), 2)
    if bool(torch.gt(norm, clip)):
      torch._foreach_mul_(g, torch.div(clip, torch.add(norm, 1e-06)))
    m = annotate(List[Tensor], [])
    n = annotate(List[Tensor], [])
    for gradient in g:
      if torch.gt(torch.dim(gradient), 1):
        _0 = torch.append(m, gradient)
      else:
        _1 = torch.append(n, gradient)
    none = annotate(List[Tensor], [])
    rate = float(rates[0])
    decay = float(rates[1])
    first = float(rates[2])
    second = float(rates[3])
    torch._foreach_add_(self.matrix_counts, 1)
    torch._foreach_add_(self.gain_counts, 1)
    torch._fused_adamw_(self.matrices, m, self.matrix_means, self.matrix_squares, none, self.matrix_counts, lr=rate, beta1=first, beta2=second, weight_decay=decay, eps=1e-08, amsgrad=False, maximize=False)
    torch._fused_adamw_(self.gains, n, self.gain_means, self.gain_squares, none, self.gain_counts, lr=rate, beta1=first, beta2=second, weight_decay=0., eps=1e-08, amsgrad=False, maximize=False)
    return norm
