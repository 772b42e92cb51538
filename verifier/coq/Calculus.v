(** What certificates of backward passes are made of: tensors with one entry moved, rules for derivatives that are
    applied by the shape of the term, signs and domains by the shape of the term, and equality of terms that differ in
    rules of inverses, roots, exponentials and logarithms alone. *)

From Coq Require Import Reals Lra Lia Arith List Bool FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
Require Export Sums SumRing.
Require Import Smooth.
Set Implicit Arguments.
Local Open Scope R_scope.

(** ** Functions *)

Definition sigmoid (x : R) : R := / (1 + exp (- x)).
Definition softplus (x : R) : R := ln (1 + exp x).
Definition silu (x : R) : R := x * sigmoid x.

Definition choose (b : bool) (x y : R) : R := if b then x else y.
Definition bit (b : bool) : R := if b then 1 else 0.

(** ** A tensor with one entry replaced *)

Definition at1 (x : nat -> R) (i : nat) (u : R) : nat -> R :=
  fun a => if Nat.eqb i a then u else x a.
Definition at2 (x : nat -> nat -> R) (i j : nat) (u : R) : nat -> nat -> R :=
  fun a b => if (Nat.eqb i a && Nat.eqb j b)%bool then u else x a b.
Definition at3 (x : nat -> nat -> nat -> R) (i j k : nat) (u : R) : nat -> nat -> nat -> R :=
  fun a b c => if (Nat.eqb i a && Nat.eqb j b && Nat.eqb k c)%bool then u else x a b c.
Definition at4 (x : nat -> nat -> nat -> nat -> R) (i j k l : nat) (u : R) : nat -> nat -> nat -> nat -> R :=
  fun a b c d => if (Nat.eqb i a && Nat.eqb j b && Nat.eqb k c && Nat.eqb l d)%bool then u else x a b c d.

Ltac by_entries := repeat (apply functional_extensionality; intro); unfold at1, at2, at3, at4;
  repeat match goal with |- context [Nat.eqb ?i ?j] => destruct (Nat.eqb_spec i j); subst; cbn [andb] end; reflexivity.

Lemma at1_same x i : at1 x i (x i) = x. Proof. by_entries. Qed.
Lemma at2_same x i j : at2 x i j (x i j) = x. Proof. by_entries. Qed.
Lemma at3_same x i j k : at3 x i j k (x i j k) = x. Proof. by_entries. Qed.
Lemma at4_same x i j k l : at4 x i j k l (x i j k l) = x. Proof. by_entries. Qed.

Lemma derivative_is (f : R -> R) (t d d' : R) : is_derive f t d -> d = d' -> is_derive f t d'.
Proof. now intros H <-. Qed.

Lemma one_moves (b : bool) (c t : R) : is_derive (fun u => if b then u else c) t (if b then 1 else 0).
Proof. destruct b; [apply @is_derive_id | apply @is_derive_const]. Qed.

Lemma at1_moves x i a t : is_derive (fun u => at1 x i u a) t (delta i a).
Proof. exact (one_moves (Nat.eqb i a) (x a) t). Qed.
Lemma at2_moves x i j a b t : is_derive (fun u => at2 x i j u a b) t (delta i a * delta j b).
Proof.
  eapply derivative_is; [exact (one_moves (Nat.eqb i a && Nat.eqb j b) (x a b) t)|].
  unfold delta. destruct (Nat.eqb i a), (Nat.eqb j b); cbn [andb]; lra.
Qed.
Lemma at3_moves x i j k a b c t : is_derive (fun u => at3 x i j k u a b c) t (delta i a * delta j b * delta k c).
Proof.
  eapply derivative_is; [exact (one_moves (Nat.eqb i a && Nat.eqb j b && Nat.eqb k c) (x a b c) t)|].
  unfold delta. destruct (Nat.eqb i a), (Nat.eqb j b), (Nat.eqb k c); cbn [andb]; lra.
Qed.
Lemma at4_moves x i j k l a b c d t :
  is_derive (fun u => at4 x i j k l u a b c d) t (delta i a * delta j b * delta k c * delta l d).
Proof.
  eapply derivative_is; [exact (one_moves (Nat.eqb i a && Nat.eqb j b && Nat.eqb k c && Nat.eqb l d) (x a b c d) t)|].
  unfold delta. destruct (Nat.eqb i a), (Nat.eqb j b), (Nat.eqb k c), (Nat.eqb l d); cbn [andb]; lra.
Qed.

(** ** Rules for derivatives; the tangent has the shape that the rule gives it *)

Lemma sigmoid_derives x : is_derive sigmoid x (sigmoid x * (1 - sigmoid x)).
Proof.
  unfold sigmoid. pose proof (exp_pos (- x)). eapply derivative_is.
  - apply (is_derive_inv (fun x => 1 + exp (- x)) x (- exp (- x))); [|lra].
    auto_derive; auto. ring.
  - cbn. field. lra.
Qed.
Lemma softplus_derives x : is_derive softplus x (sigmoid x).
Proof.
  unfold softplus, sigmoid. pose proof (exp_pos x). auto_derive; [lra|].
  rewrite exp_Ropp. field. split; lra.
Qed.
Lemma silu_derives x : is_derive silu x (sigmoid x + x * (sigmoid x * (1 - sigmoid x))).
Proof.
  pose proof (@derive_times (fun s => s) sigmoid x 1 _ (is_derive_id x) (sigmoid_derives x)) as H.
  now rewrite Rmult_1_l in H.
Qed.

Lemma tanh_derives x : is_derive tanh x (1 - tanh x ^ 2).
Proof.
  assert (C : cosh x <> 0).
  { unfold cosh. pose proof (exp_pos x). pose proof (exp_pos (- x)). lra. }
  pose proof (derivable_pt_lim_div sinh cosh x _ _ (derivable_pt_lim_sinh x) (derivable_pt_lim_cosh x) C) as H.
  apply is_derive_Reals in H. eapply derivative_is; [exact H|]. unfold tanh, Rsqr. field. assumption.
Qed.

Section Rules.
Variables (f g : R -> R) (t df dg : R).
Hypothesis Hf : is_derive f t df.
Hypothesis Hg : is_derive g t dg.

Lemma derive_constant (c : R) : is_derive (fun _ => c) t 0.
Proof. apply @is_derive_const. Qed.
Lemma derive_add : is_derive (fun s => f s + g s) t (df + dg).
Proof. apply @is_derive_plus; assumption. Qed.
Lemma derive_sub : is_derive (fun s => f s - g s) t (df - dg).
Proof. apply @is_derive_minus; assumption. Qed.
Lemma derive_opp : is_derive (fun s => - f s) t (- df).
Proof. apply @is_derive_opp; assumption. Qed.
Lemma derive_mul : is_derive (fun s => f s * g s) t (df * g t + f t * dg).
Proof. now apply derive_times. Qed.
Lemma derive_through (h : R -> R) dh : is_derive h (f t) dh -> is_derive (fun s => h (f s)) t (df * dh).
Proof. intro H. exact (is_derive_comp h f t dh df H Hf). Qed.
Lemma derive_inv : f t <> 0 -> is_derive (fun s => / f s) t (- (df * (/ f t * / f t))).
Proof.
  intro H. eapply derivative_is; [apply (is_derive_inv f t df Hf H)|]. cbn. field. assumption.
Qed.
Lemma derive_exp : is_derive (fun s => exp (f s)) t (df * exp (f t)).
Proof. apply (@derive_through exp). apply is_derive_exp. Qed.
Lemma derive_ln : 0 < f t -> is_derive (fun s => ln (f s)) t (df * / f t).
Proof. intro H. apply (@derive_through ln). now apply is_derive_ln. Qed.
Lemma derive_sqrt : 0 < f t -> is_derive (fun s => sqrt (f s)) t (df * ((1 / 2) * / sqrt (f t))).
Proof.
  intro H. apply (@derive_through sqrt). apply is_derive_Reals. eapply derivable_pt_lim_sqrt in H.
  replace (1 / 2 * / sqrt (f t)) with (/ (2 * sqrt (f t))); auto. rewrite Rinv_mult. lra.
Qed.
Lemma derive_sin : is_derive (fun s => sin (f s)) t (df * cos (f t)).
Proof. apply (@derive_through sin). apply is_derive_sin. Qed.
Lemma derive_cos : is_derive (fun s => cos (f s)) t (df * (- sin (f t))).
Proof. apply (@derive_through cos). apply is_derive_cos. Qed.
Lemma derive_sinh : is_derive (fun s => sinh (f s)) t (df * cosh (f t)).
Proof. apply (@derive_through sinh). apply is_derive_Reals, derivable_pt_lim_sinh. Qed.
Lemma derive_cosh : is_derive (fun s => cosh (f s)) t (df * sinh (f t)).
Proof. apply (@derive_through cosh). apply is_derive_Reals, derivable_pt_lim_cosh. Qed.
Lemma derive_tanh : is_derive (fun s => tanh (f s)) t (df * (1 - tanh (f t) ^ 2)).
Proof. apply (@derive_through tanh). exact (tanh_derives (f t)). Qed.
Lemma derive_sigmoid : is_derive (fun s => sigmoid (f s)) t (df * (sigmoid (f t) * (1 - sigmoid (f t)))).
Proof.
  apply (@derive_through sigmoid). exact (sigmoid_derives (f t)).
Qed.
Lemma derive_softplus : is_derive (fun s => softplus (f s)) t (df * sigmoid (f t)).
Proof. apply (@derive_through softplus). exact (softplus_derives (f t)). Qed.
Lemma derive_silu :
  is_derive (fun s => silu (f s)) t (df * (sigmoid (f t) + f t * (sigmoid (f t) * (1 - sigmoid (f t))))).
Proof. apply (@derive_through silu). exact (silu_derives (f t)). Qed.
End Rules.

Lemma derive_choice (f g : R -> R) t df dg (b : bool) :
  (b = true -> is_derive f t df) -> (b = false -> is_derive g t dg) ->
  is_derive (fun s => choose b (f s) (g s)) t (choose b df dg).
Proof. destruct b; cbn; auto. Qed.

Fixpoint power_tangent (n : nat) (x dx : R) : R :=
  match n with O => 0 | S m => dx * x ^ m + x * power_tangent m x dx end.
Lemma derive_pow (f : R -> R) t df n : is_derive f t df -> is_derive (fun s => f s ^ n) t (power_tangent n (f t) df).
Proof.
  intro H. induction n as [|n IH]; cbn [pow power_tangent]; [apply @is_derive_const|]. now apply derive_times.
Qed.

(** ** Signs and domains *)

Lemma sum_positive_at n f i : (i < n)%nat -> 0 < f i -> (forall j, (j < n)%nat -> 0 <= f j) -> 0 < sum n f.
Proof.
  induction n as [|n IH]; cbn; intros Hi H P; [lia|]. destruct (Nat.eq_dec i n) as [->|ne].
  - apply Rplus_le_lt_0_compat; auto. apply sum_nonnegative. auto.
  - apply Rplus_lt_le_0_compat; auto. apply IH; auto. lia.
Qed.

Lemma square_nonnegative x : 0 <= x ^ 2.
Proof. apply pow2_ge_0. Qed.

Lemma size_positive n : (1 <= n)%nat -> 0 < INR n.
Proof. intro. apply lt_0_INR. lia. Qed.

Lemma product_nonzero x y : x <> 0 -> y <> 0 -> x * y <> 0.
Proof. intros. now apply Rmult_integral_contrapositive_currified. Qed.

Lemma positive_nonzero x : 0 < x -> x <> 0.
Proof. intro. lra. Qed.

Lemma tanh_bounds x : -1 < tanh x < 1.
Proof.
  unfold tanh, sinh, cosh. pose proof (exp_pos x). pose proof (exp_pos (- x)).
  assert (0 < (exp x + exp (- x)) / 2) by lra. split.
  - apply Rmult_lt_reg_r with ((exp x + exp (- x)) / 2); auto. unfold Rdiv at 2. field_simplify; lra.
  - apply Rmult_lt_reg_r with ((exp x + exp (- x)) / 2); auto. unfold Rdiv at 1. field_simplify; lra.
Qed.

Lemma sigmoid_positive x : 0 < sigmoid x.
Proof. apply Rinv_0_lt_compat. pose proof (exp_pos (- x)). lra. Qed.

Lemma cosh_positive x : 0 < cosh x.
Proof. unfold cosh. pose proof (exp_pos x). pose proof (exp_pos (- x)). lra. Qed.

Ltac given := match goal with H : _ |- _ => solve [simple apply H; first [assumption | lia]] end.

Ltac positive := first [given | lazymatch goal with
  | |- 0 < exp _ => apply exp_pos
  | |- 0 < PI => apply PI_RGT_0
  | |- 0 < sigmoid _ => apply sigmoid_positive
  | |- 0 < cosh _ => apply cosh_positive
  | |- 0 < IZR _ => lra
  | |- 0 < INR _ => first [assumption | apply size_positive; lia]
  | |- 0 < sqrt _ => apply sqrt_lt_R0; positive
  | |- 0 < / _ => apply Rinv_0_lt_compat; positive
  | |- 0 < _ * _ => apply Rmult_lt_0_compat; positive
  | |- 0 < _ / _ => apply Rmult_lt_0_compat; [positive | apply Rinv_0_lt_compat; positive]
  | |- 0 < _ ^ 0 => cbn; lra
  | |- 0 < _ ^ _ => apply pow_lt; positive
  | |- 0 < _ + _ =>
      first [given
            | apply Rplus_lt_0_compat; [positive | positive]
            | apply Rplus_le_lt_0_compat; [nonnegative | positive]
            | apply Rplus_lt_le_0_compat; [positive | nonnegative]]
  | |- 0 < sum ?n _ =>
      first [apply sum_positive; [lia | intros; cbv beta; positive]
            | match goal with i : nat |- _ =>
                apply (@sum_positive_at n _ i); [lia | cbv beta; positive | intros; cbv beta; nonnegative] end]
  | |- 0 < choose ?b _ _ =>
      first [ replace b with true by (symmetry; first [apply Nat.leb_le; lia | apply Nat.eqb_eq; lia | lia]); cbn [choose]; positive
            | destruct b eqn:?; cbn [choose]; positive]
  | |- 0 < bit ?b => unfold bit; replace b with true by (symmetry; first [apply Nat.leb_le; lia | apply Nat.eqb_eq; lia | lia]); lra
  | |- 0 < ?t => first [given | lra | let h := head_of t in unfold h; cbv beta; positive]
  end]
with nonnegative :=
  first
    [ given
    | lazymatch goal with
      | |- 0 <= sqrt _ => apply sqrt_pos
      | |- 0 <= _ ^ 2 => apply pow2_ge_0
      | |- 0 <= sum _ _ => apply sum_nonnegative; intros; cbv beta; nonnegative
      | |- 0 <= choose ?b _ _ => destruct b eqn:?; cbn [choose]; nonnegative
      | |- 0 <= bit ?b => unfold bit; destruct b; lra
      | |- 0 <= INR _ => apply pos_INR
      | |- 0 <= / _ => apply Rlt_le; positive
      | |- 0 <= ?a * ?a => apply Rle_0_sqr
      | |- 0 <= _ * _ => apply Rmult_le_pos; nonnegative
      | |- 0 <= _ + _ => apply Rplus_le_le_0_compat; nonnegative
      end
    | apply Rlt_le; positive
    | lra
    | lazymatch goal with |- 0 <= ?t => let h := head_of t in unfold h; cbv beta; nonnegative end ]
with head_of t := lazymatch t with ?f _ => head_of f | ?f => f end.

Ltac nonzero :=
  first
    [ given
   
    | lazymatch goal with
      | |- _ * _ <> 0 => apply product_nonzero; nonzero
      | |- / _ <> 0 => apply Rinv_neq_0_compat; nonzero
      | |- _ ^ _ <> 0 => apply pow_nonzero; nonzero
      | |- - _ <> 0 => apply Ropp_neq_0_compat; nonzero
      end
    | apply positive_nonzero; positive
    | apply Rlt_not_eq; lra
    | lazymatch goal with |- ?t <> 0 => let h := head_of t in unfold h; cbv beta; nonzero end ].

(** Guards that hold, as arithmetic. *)
Ltac use_guards := repeat match goal with
  | H : Nat.leb _ _ = true |- _ => apply Nat.leb_le in H
  | H : Nat.leb _ _ = false |- _ => apply Nat.leb_gt in H
  | H : Nat.eqb _ _ = true |- _ => apply Nat.eqb_eq in H
  | H : Nat.eqb _ _ = false |- _ => apply Nat.eqb_neq in H
  | H : (_ && _)%bool = true |- _ => apply andb_true_iff in H; destruct H
  | H : (_ || _)%bool = false |- _ => apply orb_false_iff in H; destruct H
  | H : negb _ = true |- _ => apply negb_true_iff in H
  | H : negb _ = false |- _ => apply negb_false_iff in H
  end.

Lemma quotient_below a b c : (a < b * c)%nat -> (a / c < b)%nat.
Proof. intro H. apply Nat.div_lt_upper_bound; [destruct c|]; lia. Qed.
Lemma quotient_below' a b c : (a < c * b)%nat -> (a / c < b)%nat.
Proof. intro H. apply Nat.div_lt_upper_bound; [destruct c|]; lia. Qed.

(** An inequality of positions: guards, quotients, and products of bounds. *)
Ltac inside := use_guards; first
  [ lia | nia
  | apply Nat.le_succ_l; first [apply quotient_below | apply quotient_below']; first [lia | nia]
  | match goal with |- context [(?a / ?c)%nat] =>
      let H := fresh in pose proof (Nat.div_mod_eq a c) as H; pose proof (Nat.mod_upper_bound a c); nia end ].

Ltac defined := repeat (match goal with |- forall _, _ => intro | |- _ /\ _ => split end);
  first [assumption | solve [auto] | lia | nonzero | positive | nonnegative | inside].

(** ** Derivatives by the shape of the term; hypotheses say how the lets before it move *)

Ltac derive :=
  lazymatch goal with
  | |- is_derive (fun _ => ?c) _ _ => apply derive_constant
  | |- is_derive (fun s => @?f s + @?g s) _ _ => apply (@derive_add f g); derive
  | |- is_derive (fun s => @?f s - @?g s) _ _ => apply (@derive_sub f g); derive
  | |- is_derive (fun s => - @?f s) _ _ => apply (@derive_opp f); derive
  | |- is_derive (fun s => @?f s * @?g s) _ _ => apply (@derive_mul f g); derive
  | |- is_derive (fun s => @?f s ^ ?n) _ _ => apply (@derive_pow f _ _ n); derive
  | |- is_derive (fun s => / @?f s) _ _ => apply (@derive_inv f); [derive | at_point; nonzero]
  | |- is_derive (fun s => exp (@?f s)) _ _ => apply (@derive_exp f); derive
  | |- is_derive (fun s => ln (@?f s)) _ _ => apply (@derive_ln f); [derive | at_point; positive]
  | |- is_derive (fun s => sqrt (@?f s)) _ _ => apply (@derive_sqrt f); [derive | at_point; positive]
  | |- is_derive (fun s => sin (@?f s)) _ _ => apply (@derive_sin f); derive
  | |- is_derive (fun s => cos (@?f s)) _ _ => apply (@derive_cos f); derive
  | |- is_derive (fun s => sinh (@?f s)) _ _ => apply (@derive_sinh f); derive
  | |- is_derive (fun s => cosh (@?f s)) _ _ => apply (@derive_cosh f); derive
  | |- is_derive (fun s => tanh (@?f s)) _ _ => apply (@derive_tanh f); derive
  | |- is_derive (fun s => sigmoid (@?f s)) _ _ => apply (@derive_sigmoid f); derive
  | |- is_derive (fun s => softplus (@?f s)) _ _ => apply (@derive_softplus f); derive
  | |- is_derive (fun s => silu (@?f s)) _ _ => apply (@derive_silu f); derive
  | |- is_derive (fun s => choose ?b (@?f s) (@?g s)) _ _ => apply (@derive_choice f g); intro; derive
  | |- is_derive (fun s => sum ?n (fun i => @?f i s)) _ _ =>
      let i := fresh "i" in let H := fresh "H" in
      refine (@derive_sum n (fun i s => f i s) _ _ _); intros i H; cbv beta; derive
  | |- is_derive (fun s => s) _ _ => apply @is_derive_id
  | |- _ => first [moves | through]
  end
with moves := match goal with H : context [is_derive] |- _ => solve [simple apply H; first [assumption | lia | auto]] end
with through :=
  lazymatch goal with
  | |- is_derive (fun s => ?h (@?f s)) _ _ =>
      refine (@derive_through f _ _ _ h _ _); [derive | match goal with H : context [is_derive] |- _ => simple apply H end]
  end
with at_point := rewrite ?at1_same, ?at2_same, ?at3_same, ?at4_same.
