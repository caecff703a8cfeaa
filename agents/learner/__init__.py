"""The bundled policy-gradient learner: tokens in, tokens out, loss on sampled tokens alone. CPU and CUDA by the same code."""
