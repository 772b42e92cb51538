(** Differentiable maps between spaces of any dimension, with their reverse derivatives, and gradient learners
    (Backprop as Functor, Theorem III.2).

    Differentiability is asked along differentiable curves; that composes without any norm. *)

From Coq Require Import Reals Lra Lia Arith FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
Require Import Learn.
Require Export Sums.
Set Implicit Arguments.
Unset Strict Implicit.
Local Open Scope R_scope.
#[local] Obligation Tactic := idtac.

Lemma derive_sum n (F : nat -> R -> R) (D : nat -> R) (t : R) :
  (forall i, (i < n)%nat -> is_derive (F i) t (D i)) -> is_derive (fun s => sum n (fun i => F i s)) t (sum n D).
Proof.
  induction n as [|n IH]; intro H; cbn; [apply is_derive_Reals, derivable_pt_lim_const|].
  apply @is_derive_plus; auto.
Qed.

Lemma derive_times (f g : R -> R) t df dg :
  is_derive f t df -> is_derive g t dg -> is_derive (fun s => f s * g s) t (df * g t + f t * dg).
Proof. intros Hf Hg. exact (is_derive_mult f g t df dg Hf Hg Rmult_comm). Qed.

(** ** Spaces: points, derivatives of curves, an inner product, and steps p + k g *)

Record space := Space {
  point :> Type;
  derivative : (R -> point) -> R -> point -> Prop;
  inner : point -> point -> R;
  move_by : R -> point -> point -> point }.

Definition vector (n : nat) : space :=
  @Space (nat -> R) (fun c t v => forall i, is_derive (fun s => c s i) t (v i))
         (fun u v => sum n (fun i => u i * v i)) (fun k g p i => p i + k * g i).

Definition pair_space (A B : space) : space :=
  @Space (A * B)
         (fun c t v => derivative (fun s => fst (c s)) t (fst v) /\ derivative (fun s => snd (c s)) t (snd v))
         (fun u v => inner (fst u) (fst v) + inner (snd u) (snd v))
         (fun k g p => (move_by k (fst g) (fst p), move_by k (snd g) (snd p))).

Definition trivial_space : space := @Space unit (fun _ _ _ => True) (fun _ _ => 0) (fun _ _ _ => tt).

(** ** Maps with parameters, and reverse derivatives in parameters and in inputs *)

Record smooth (P A B : space) := Smooth {
  value : P -> A -> B;
  reverse_parameter : P -> A -> B -> P;
  reverse_input : P -> A -> B -> A;
  reverse_right : forall (cp : R -> P) (ca : R -> A) t vp va,
    derivative cp t vp -> derivative ca t va ->
    exists w, derivative (fun s => value (cp s) (ca s)) t w /\
      forall y, inner y w = inner (reverse_parameter (cp t) (ca t) y) vp + inner (reverse_input (cp t) (ca t) y) va }.

Program Definition smooth_identity (A : space) : smooth trivial_space A A :=
  {| value := fun _ a => a; reverse_parameter := fun _ _ _ => tt; reverse_input := fun _ _ y => y |}.
Next Obligation. intros A cp ca t vp va _ Ha. exists va; split; [exact Ha|]. intro y; cbn. ring. Qed.

Program Definition smooth_compose (P Q A B C : space) (F : smooth P A B) (G : smooth Q B C) :
  smooth (pair_space P Q) A C :=
  {| value := fun p a => value G (snd p) (value F (fst p) a);
     reverse_parameter := fun p a y =>
       let b := value F (fst p) a in
       (reverse_parameter F (fst p) a (reverse_input G (snd p) b y), reverse_parameter G (snd p) b y);
     reverse_input := fun p a y => reverse_input F (fst p) a (reverse_input G (snd p) (value F (fst p) a) y) |}.
Next Obligation.
  intros P Q A B C F G cp ca t [v1 v2] va [H1 H2] Ha; cbn in H1, H2.
  destruct (reverse_right F H1 Ha) as [w [Hw Ew]]. destruct (reverse_right G H2 Hw) as [z [Hz Ez]].
  exists z; split; [exact Hz|]. intro y. rewrite Ez, Ew. cbn. ring.
Qed.

Program Definition smooth_product (P Q A B C D : space) (F : smooth P A B) (G : smooth Q C D) :
  smooth (pair_space P Q) (pair_space A C) (pair_space B D) :=
  {| value := fun p a => (value F (fst p) (fst a), value G (snd p) (snd a));
     reverse_parameter := fun p a y =>
       (reverse_parameter F (fst p) (fst a) (fst y), reverse_parameter G (snd p) (snd a) (snd y));
     reverse_input := fun p a y =>
       (reverse_input F (fst p) (fst a) (fst y), reverse_input G (snd p) (snd a) (snd y)) |}.
Next Obligation.
  intros P Q A B C D F G cp ca t [v1 v2] [a1 a2] [H1 H2] [H3 H4]; cbn in *.
  destruct (reverse_right F H1 H3) as [w [Hw Ew]]. destruct (reverse_right G H2 H4) as [z [Hz Ez]].
  exists (w, z); split; [split; assumption|]. intros [y1 y2]; cbn. rewrite Ew, Ez. ring.
Qed.

(** ** Error functions with an invertible slope *)

Definition is_gradient (A : space) (h : A -> R) (a g : A) : Prop :=
  forall (c : R -> A) t v, c t = a -> derivative c t v -> is_derive (fun s => h (c s)) t (inner g v).

Record error (A : space) := Error {
  cost : A -> A -> R;
  slope : A -> A -> A;
  unslope : A -> A -> A;
  slope_right : forall a b, is_gradient (fun x => cost x b) a (slope a b);
  right_law : forall a v, slope a (unslope a v) = v;
  left_law : forall a b, unslope a (slope a b) = b }.

(** The error sum_i e(x_i, y_i) of an error of numbers. *)
Section Entrywise.
Variables e d f : R -> R -> R.
Hypothesis derives : forall x y, is_derive (fun s => e s y) x (d x y).
Hypothesis law_right : forall x z, d x (f x z) = z.
Hypothesis law_left : forall x y, f x (d x y) = y.

Lemma entrywise_gradient n (a b : vector n) :
  is_gradient (A := vector n) (fun x => sum n (fun i => e (x i) (b i))) a (fun i => d (a i) (b i)).
Proof.
  intros c t v Hc Hv; cbn. apply derive_sum. intros i _. rewrite <- Hc, Rmult_comm.
  exact (is_derive_comp (fun s => e s (b i)) (fun s => c s i) t _ _ (derives _ _) (Hv i)).
Qed.

Program Definition entrywise n : error (vector n) :=
  {| cost := fun x y : vector n => sum n (fun i => e (x i) (y i));
     slope := fun (x y : vector n) i => d (x i) (y i);
     unslope := fun (x z : vector n) i => f (x i) (z i);
     slope_right := @entrywise_gradient n |}.
Next Obligation. intros n a v. apply functional_extensionality. intro i. apply law_right. Qed.
Next Obligation. intros n a v. apply functional_extensionality. intro i. apply law_left. Qed.
End Entrywise.

Lemma quadratic_derives (x y : R) : is_derive (fun s => (s - y) ^ 2 / 2) x (x - y).
Proof. auto_derive; [easy | field]. Qed.
Lemma quadratic_law (x z : R) : x - (x - z) = z.
Proof. ring. Qed.
Definition half_square n : error (vector n) :=
  @entrywise _ _ (fun x z => x - z) quadratic_derives quadratic_law quadratic_law n.

Lemma dot_derives (x y : R) : is_derive (fun s => s * y) x y.
Proof. auto_derive; [easy | ring]. Qed.
Definition dot n : error (vector n) :=
  @entrywise (fun x y => x * y) (fun _ y => y) (fun _ z => z) dot_derives (fun _ _ => eq_refl) (fun _ _ => eq_refl) n.

Lemma pair_gradient (A B : space) (eA : error A) (eB : error B) (x y : pair_space A B) :
  is_gradient (A := pair_space A B) (fun z => cost eA (fst z) (fst y) + cost eB (snd z) (snd y)) x
    (slope eA (fst x) (fst y), slope eB (snd x) (snd y)).
Proof.
  intros c t v Hc [H1 H2]. rewrite <- Hc.
  exact (is_derive_plus _ _ _ _ _ (slope_right eA _ eq_refl H1) (slope_right eB _ eq_refl H2)).
Qed.

Program Definition pair_error (A B : space) (eA : error A) (eB : error B) : error (pair_space A B) :=
  {| cost := fun x y => cost eA (fst x) (fst y) + cost eB (snd x) (snd y);
     slope := fun x y => (slope eA (fst x) (fst y), slope eB (snd x) (snd y));
     unslope := fun x y => (unslope eA (fst x) (fst y), unslope eB (snd x) (snd y));
     slope_right := pair_gradient eA eB |}.
Next Obligation. intros A B eA eB [a b] [v w]; cbn. now rewrite !right_law. Qed.
Next Obligation. intros A B eA eB [a b] [v w]; cbn. now rewrite !left_law. Qed.

(** ** Gradient learners, and Theorem III.2 *)

Section Gradient.
Variable rate : R.

Definition gradient (P A B : space) (eA : error A) (eB : error B) (F : smooth P A B) : learner A B :=
  {| Par := P;
     implement := value F;
     update := fun p a b => move_by (- rate) (reverse_parameter F p a (slope eB (value F p a) b)) p;
     request := fun p a b => unslope eA a (reverse_input F p a (slope eB (value F p a) b)) |}.

Theorem functor_compose (P Q A B C : space) (eA : error A) (eB : error B) (eC : error C)
  (F : smooth P A B) (G : smooth Q B C) :
  gradient eA eC (smooth_compose F G) ~~ gradient eA eB F ;; gradient eB eC G.
Proof.
  constructor. refine (@Bijection _ _ (gradient eA eC (smooth_compose F G)) (gradient eA eB F ;; gradient eB eC G)
      (fun p => p) (fun p => p) _ _ _ _ _); auto.
  - intros [p q] a c; cbn. now rewrite right_law.
  - intros [p q] a c; cbn. now rewrite right_law.
Qed.

Theorem functor_identity (A : space) (eA : error A) : gradient eA eA (smooth_identity A) ~~ identity A.
Proof.
  constructor. refine (@Bijection _ _ (gradient eA eA (smooth_identity A)) (identity A)
      (fun p => p) (fun p => p) _ _ _ _ _); auto.
  intros p a b; cbn. now rewrite left_law.
Qed.

Theorem functor_product (P Q A B C D : space) (eA : error A) (eB : error B) (eC : error C) (eD : error D)
  (F : smooth P A B) (G : smooth Q C D) :
  gradient (pair_error eA eC) (pair_error eB eD) (smooth_product F G) ~~ gradient eA eB F ** gradient eC eD G.
Proof.
  constructor. now refine (@Bijection _ _ (gradient (pair_error eA eC) (pair_error eB eD) (smooth_product F G))
      (gradient eA eB F ** gradient eC eD G) (fun p => p) (fun p => p) _ _ _ _ _).
Qed.

(** The vectors that U and R use are the gradients of the error. *)
Definition has_constants (A : space) :=
  forall (x : A) t, exists z, derivative (fun _ => x) t z /\ forall y, inner y z = 0.

Lemma vector_constants n : has_constants (vector n).
Proof.
  intros x t. exists (fun _ => 0); split.
  - intro i. apply @is_derive_const.
  - intro y; cbn. apply sum_zero. intros; ring.
Qed.

Lemma trivial_constants : has_constants trivial_space.
Proof. intros x t. now exists tt. Qed.

Lemma pair_constants A B : has_constants A -> has_constants B -> has_constants (pair_space A B).
Proof.
  intros HA HB [a b] t. destruct (HA a t) as [z [Hz Ez]], (HB b t) as [w [Hw Ew]].
  exists (z, w); split; [now split|]. intros [y1 y2]; cbn. rewrite Ez, Ew. ring.
Qed.

Theorem update_is_gradient (P A B : space) (eB : error B) (F : smooth P A B) p a b :
  has_constants A ->
  is_gradient (fun p' => cost eB (value F p' a) b) p (reverse_parameter F p a (slope eB (value F p a) b)).
Proof.
  intros HA c t v Hc Hd. destruct (HA a t) as [z [Hz Ez]], (reverse_right F Hd (proj1 (conj Hz Ez))) as [w [Hw Ew]].
  pose proof (slope_right eB b eq_refl Hw) as H. rewrite Ew, Ez, Rplus_0_r in H. now rewrite <- Hc.
Qed.

Theorem request_is_gradient (P A B : space) (eB : error B) (F : smooth P A B) p a b :
  has_constants P ->
  is_gradient (fun a' => cost eB (value F p a') b) a (reverse_input F p a (slope eB (value F p a) b)).
Proof.
  intros HP c t v Hc Hd. destruct (HP p t) as [z [Hz Ez]], (reverse_right F (proj1 (conj Hz Ez)) Hd) as [w [Hw Ew]].
  pose proof (slope_right eB b eq_refl Hw) as H. rewrite Ew, Ez, Rplus_0_l in H. now rewrite <- Hc.
Qed.

(** GetPut, from a slope that vanishes on the diagonal (Theorem B, the direction that is true in general). *)
Theorem gradient_getput (P A B : space) (eA : error A) (eB : error B) (F : smooth P A B) zP zA zB :
  (forall b, slope eB b b = zB) -> (forall a, unslope eA a zA = a) -> (forall p, move_by (- rate) zP p = p) ->
  (forall p a, reverse_parameter F p a zB = zP /\ reverse_input F p a zB = zA) ->
  getput (gradient eA eB F).
Proof. intros HB HA HP HF p a; cbn. rewrite HB. destruct (HF p a) as [-> ->]. now rewrite HA, HP. Qed.
End Gradient.

(** ** Gradients are what they are called: unique, with the partial derivatives as entries *)

Definition at_entry (a : nat -> R) (i : nat) (u : R) : nat -> R := fun j => if Nat.eqb i j then u else a j.

Lemma at_entry_same a i : at_entry a i (a i) = a.
Proof. apply functional_extensionality. intro j. unfold at_entry. now destruct (Nat.eqb_spec i j) as [->|]. Qed.

Lemma at_entry_derivative n a i t : @derivative (vector n) (fun u => at_entry a i u) t (delta i).
Proof.
  intro j; cbn. unfold at_entry, delta. destruct (Nat.eqb i j); [apply @is_derive_id | apply @is_derive_const].
Qed.

Theorem gradient_partial n (h : vector n -> R) (a g : vector n) (i : nat) :
  (i < n)%nat -> is_gradient h a g -> is_derive (fun u => h (at_entry a i u)) (a i) (g i).
Proof.
  intros Hi H. pose proof (H (fun u => at_entry a i u) (a i) (delta i) (at_entry_same a i)
    (@at_entry_derivative n a i (a i))) as D. cbn in D.
  rewrite (@sum_ext n _ (fun j => delta i j * g j)), sum_delta in D; auto. intros; ring.
Qed.

Theorem gradient_unique n (h : vector n -> R) (a g g' : vector n) :
  is_gradient h a g -> is_gradient h a g' -> forall i, (i < n)%nat -> g i = g' i.
Proof.
  intros H H' i Hi. rewrite <- (is_derive_unique _ _ _ (gradient_partial Hi H)).
  exact (is_derive_unique _ _ _ (gradient_partial Hi H')).
Qed.
