(** Finite sums of real numbers.  Tensors are functions of natural numbers; what lies beyond a size is never summed. *)

From Coq Require Import Reals Lra Lia Arith.
Set Implicit Arguments.
Local Open Scope R_scope.

Fixpoint sum (n : nat) (f : nat -> R) : R :=
  match n with
  | O => 0
  | S m => sum m f + f m
  end.

Definition delta (i j : nat) : R := if Nat.eqb i j then 1 else 0.

Lemma sum_ext n f g : (forall i, (i < n)%nat -> f i = g i) -> sum n f = sum n g.
Proof. induction n as [|n IH]; cbn; intro H; [easy|]. rewrite IH, (H n); auto. Qed.

Lemma sum_zero n f : (forall i, (i < n)%nat -> f i = 0) -> sum n f = 0.
Proof. induction n as [|n IH]; cbn; intro H; [easy|]. rewrite IH, (H n); auto with real. Qed.

Lemma sum_add n f g : sum n (fun i => f i + g i) = sum n f + sum n g.
Proof. induction n as [|n IH]; cbn; [|rewrite IH]; ring. Qed.

Lemma sum_scale n c f : sum n (fun i => c * f i) = c * sum n f.
Proof. induction n as [|n IH]; cbn; [|rewrite IH]; ring. Qed.

Lemma sum_scale_right n c f : sum n (fun i => f i * c) = sum n f * c.
Proof. induction n as [|n IH]; cbn; [|rewrite IH]; ring. Qed.

Lemma sum_opp n f : sum n (fun i => - f i) = - sum n f.
Proof. induction n as [|n IH]; cbn; [|rewrite IH]; ring. Qed.

Lemma sum_sub n f g : sum n (fun i => f i - g i) = sum n f - sum n g.
Proof. induction n as [|n IH]; cbn; [|rewrite IH]; ring. Qed.

Lemma sum_swap m n f : sum m (fun i => sum n (fun j => f i j)) = sum n (fun j => sum m (fun i => f i j)).
Proof.
  induction m as [|m IH]; cbn.
  - symmetry; apply sum_zero; auto.
  - now rewrite IH, <- sum_add.
Qed.

Lemma sum_delta n i f : (i < n)%nat -> sum n (fun j => delta i j * f j) = f i.
Proof.
  induction n as [|n IH]; intro H; [lia|]. cbn. unfold delta at 2. destruct (Nat.eqb_spec i n) as [->|ne].
  - rewrite sum_zero; [ring|]. intros j Hj. unfold delta. destruct (Nat.eqb_spec n j); [lia | ring].
  - rewrite IH; [ring | lia].
Qed.

Lemma delta_sym i j : delta i j = delta j i.
Proof. unfold delta. now rewrite Nat.eqb_sym. Qed.

Lemma sum_one n : sum n (fun _ => 1) = INR n.
Proof. induction n as [|n IH]; cbn [sum]; [easy|]. now rewrite IH, S_INR. Qed.

Lemma sum_nonnegative n f : (forall i, (i < n)%nat -> 0 <= f i) -> 0 <= sum n f.
Proof.
  induction n as [|n IH]; cbn; intro H; [lra|]. apply Rplus_le_le_0_compat; auto.
Qed.

(** A sum of positive terms is positive if there is a term at all. *)
Lemma sum_positive n f : (0 < n)%nat -> (forall i, (i < n)%nat -> 0 < f i) -> 0 < sum n f.
Proof.
  destruct n as [|n]; [lia|]. intros _ H. cbn. apply Rplus_le_lt_0_compat; auto.
  apply sum_nonnegative. intros; apply Rlt_le; auto.
Qed.
