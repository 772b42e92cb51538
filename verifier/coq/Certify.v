(** The tactics of certificates of backward passes that join `Calculus` and `SumRing`. *)

From Coq Require Import Reals Lra Lia Arith List Bool.
Require Export Sums SumRing Calculus.
Import ListNotations.
Local Open Scope R_scope.

Lemma choose_bits b x y : choose b x y = bit b * x + (1 - bit b) * y.
Proof. destruct b; cbn; ring. Qed.
Lemma bit_and a b : bit (a && b) = bit a * bit b.
Proof. destruct a, b; cbn; ring. Qed.
Lemma bit_or a b : bit (a || b) = 1 - (bit (negb a) * bit (negb b)).
Proof. destruct a, b; cbn; ring. Qed.
Lemma bit_negb a : bit (negb a) = 1 - bit a.
Proof. destruct a; cbn; ring. Qed.
Lemma bit_twice a : bit a * bit a = bit a.
Proof. destruct a; cbn; ring. Qed.
Lemma inverse_pow_S x n : / x ^ S n = / x * / x ^ n.
Proof. cbn. apply Rinv_mult. Qed.
Lemma exp_minus x y : exp (x - y) = exp x * exp (- y).
Proof. unfold Rminus. apply exp_plus. Qed.
Lemma exp_opp_minus x y : exp (- (x - y)) = exp (- x) * exp y.
Proof. rewrite <- exp_plus. f_equal. ring. Qed.
Lemma exp_opp_plus x y : exp (- (x + y)) = exp (- x) * exp (- y).
Proof. rewrite <- exp_plus. f_equal. ring. Qed.
Lemma inverse_number p d : p <> 0 -> / (p / d) = d / p.
Proof. intro H. unfold Rdiv. rewrite Rinv_mult, Rinv_inv. ring. Qed.

(** Guards: by cases, and arithmetic. *)
Ltac guards := unfold delta, bit, choose;
  repeat match goal with
  | |- context [Nat.eqb ?i ?j] => destruct (Nat.eqb_spec i j)
  | |- context [Nat.leb ?i ?j] => destruct (Nat.leb_spec i j)
  end; cbn [andb orb negb]; first [reflexivity | exfalso; lia | lra].

(** Equality of a term and its polynomial: by their shape, and the rules of functions. *)
Ltac head_is t k := lazymatch t with ?f _ => head_is f k | ?f => k f end.
Ltac unfold_left := lazymatch goal with |- ?l = _ => let h := head_of l in unfold h; cbv beta end.

Ltac same :=
  lazymatch goal with
  | |- choose _ _ _ = _ => rewrite choose_bits; same
  | |- power_tangent _ _ _ = _ => cbn [power_tangent]; same
  | |- _ ^ _ = _ => first [reflexivity | cbn [pow]; same]
  | |- ?a + ?b = _ + _ => apply f_equal2; same
  | |- ?a - ?b = _ - _ => apply f_equal2; same
  | |- ?a * ?b = _ * _ => apply f_equal2; same
  | |- - _ = - _ => apply f_equal; same
  | |- sum _ _ = sum _ _ => apply sum_ext; intros; same
  | |- bit (_ && _) = _ => rewrite bit_and; same
  | |- bit (_ || _) = _ => rewrite bit_or; same
  | |- bit (negb _) = _ => rewrite bit_negb; same
  | |- bit _ = _ => first [reflexivity | guards]
  | |- delta _ _ = _ => first [reflexivity | guards]
  | |- / (- _) = - _ => rewrite Rinv_opp; apply f_equal; same
  | |- / (_ * _) = _ * _ => rewrite Rinv_mult; apply f_equal2; same
  | |- / (_ ^ 0) = _ => cbn [pow]; apply Rinv_1
  | |- / (_ ^ _) = _ * _ => rewrite inverse_pow_S; apply f_equal2; same
  | |- / / _ = _ => rewrite Rinv_inv; same
  | |- / exp _ = _ => rewrite <- exp_Ropp; same
  | |- exp (- - _) = _ => rewrite Ropp_involutive; same
  | |- exp (- (_ - _)) = _ * _ => rewrite exp_opp_minus; apply f_equal2; same
  | |- exp (- (_ + _)) = _ * _ => rewrite exp_opp_plus; apply f_equal2; same
  | |- exp (_ + _) = _ * _ => rewrite exp_plus; apply f_equal2; same
  | |- exp (_ - _) = _ * _ => rewrite exp_minus; apply f_equal2; same
  | |- exp (- ln _) = _ => rewrite exp_Ropp, exp_ln by positive; same
  | |- exp (ln _) = _ => rewrite exp_ln by positive; same
  | |- exp (- ?a) = / exp _ => rewrite exp_Ropp; reflexivity
  | |- exp (- ?a) = _ => first [reflexivity | let h := head_of a in unfold h; cbv beta; same]
  | |- exp ?a = _ => first [reflexivity | let h := head_of a in unfold h; cbv beta; same]
  | |- / IZR _ = _ => first [reflexivity | lra]
  | |- / (_ / _) = _ => first [reflexivity | rewrite inverse_number by lra; first [reflexivity | lra]]
  | |- / ?a = _ => first [reflexivity | let h := head_of a in unfold h; cbv beta; same]
  | |- _ / _ = _ => reflexivity
  | |- IZR _ = _ => reflexivity
  | |- _ => first [reflexivity | unfold_left; same]
  end.

(** The side conditions of `equal_right`. *)
Ltac size_heads := let s := fresh "s" in let H := fresh "H" in
  intros s H; repeat first [exfalso; lia | destruct s as [|s]; [reflexivity|]].
Ltac places := let x := fresh "x" in let s := fresh "s" in let H := fresh "H" in intros x s H; cbn [In] in H;
  repeat (destruct H as [H|H]; [injection H as <- <-; cbn; assumption|]); destruct H.
Ltac inverse := let ks := fresh "ks" in let H := fresh "H" in intros ks H; cbn in H;
  repeat match goal with K : Forall2 _ _ _ |- _ => inversion K; clear K; subst end; cbn in *;
  apply Rinv_r; nonzero.
Ltac idempotent := let ks := fresh "ks" in intros ks; cbn; repeat match goal with |- context [match ?k with nil => _ | _ :: _ => _ end] => destruct k; cbn end;
  first [apply bit_twice | ring].
