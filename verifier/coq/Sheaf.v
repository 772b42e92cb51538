(** The presheaves of a chain of learners, and when back-propagation is natural (Le Bruyn, Deep learning and toposes;
    Belfiore and Bennequin, 1.2).  Chains have any length; no axiom is used.

    Over the open U_i of a chain F_0 ; ... ; F_(n-1) a section of W is a choice of parameters for the layers from i on, and
    a section of X an activity before layer i together with that. *)

Require Import Learn.
From Coq Require Import Setoid.
Set Implicit Arguments.

Inductive chain (Z : Type) : Type -> Type :=
| stop : chain Z Z
| layer : forall A B, learner A B -> chain Z B -> chain Z A.
Arguments stop {Z}.
Arguments layer {Z A B} _ _.

Fixpoint W Z A (c : chain Z A) : Type :=
  match c with stop => unit | layer F d => (Par F * W d)%type end.
Definition X Z A (c : chain Z A) : Type := (A * W c)%type.

(** ** Inclusions of opens, and restrictions *)

Inductive inside Z : forall A B, chain Z A -> chain Z B -> Type :=
| whole : forall A (c : chain Z A), inside c c
| drop : forall A B C (F : learner A B) (d : chain Z B) (e : chain Z C), inside d e -> inside (layer F d) e.
Arguments whole {Z A} c.
Arguments drop {Z A B C} F {d e} _.

Fixpoint follow Z A B C (c : chain Z A) (d : chain Z B) (e : chain Z C) (f : inside c d) : inside d e -> inside c e :=
  match f in inside c d return inside d e -> inside c e with
  | whole _ => fun g => g
  | drop F f' => fun g => drop F (follow f' g)
  end.

Definition step Z A B (F : learner A B) (d : chain Z B) (x : X (layer F d)) : X d :=
  (implement F (fst (snd x)) (fst x), snd (snd x)).
Arguments step {Z A B} F d x.

Fixpoint restrict_W Z A B (c : chain Z A) (d : chain Z B) (f : inside c d) : W c -> W d :=
  match f in inside c d return W c -> W d with
  | whole _ => fun w => w
  | @drop _ _ _ _ F d' _ f' => fun w : W (layer F d') => restrict_W f' (snd w)
  end.

Fixpoint restrict_X Z A B (c : chain Z A) (d : chain Z B) (f : inside c d) : X c -> X d :=
  match f in inside c d return X c -> X d with
  | whole _ => fun x => x
  | @drop _ _ _ _ F d' _ f' => fun x => restrict_X f' (step F d' x)
  end.

Theorem restrict_W_whole Z A (c : chain Z A) w : restrict_W (whole c) w = w.
Proof. reflexivity. Qed.

Theorem restrict_X_whole Z A (c : chain Z A) x : restrict_X (whole c) x = x.
Proof. reflexivity. Qed.

Theorem restrict_W_follow Z A B C (c : chain Z A) (d : chain Z B) (e : chain Z C) (f : inside c d) (g : inside d e) w :
  restrict_W (follow f g) w = restrict_W g (restrict_W f w).
Proof. induction f; cbn; auto. Qed.

Theorem restrict_X_follow Z A B C (c : chain Z A) (d : chain Z B) (e : chain Z C) (f : inside c d) (g : inside d e) x :
  restrict_X (follow f g) x = restrict_X g (restrict_X f x).
Proof. induction f; cbn; auto. Qed.

(** ** The local reading: every layer is trained on its own output *)

Definition local Z A (c : chain Z A) : X c -> X c :=
  match c in chain _ A return X c -> X c with
  | stop => fun x => x
  | layer F d => fun x =>
      let p := fst (snd x) in
      let b := implement F p (fst x) in
      (request F p (fst x) b, (update F p (fst x) b, snd (snd x)))
  end.
Arguments local {Z A} c x.

Definition local_square Z A B (F : learner A B) (d : chain Z B) : Prop :=
  forall x : X (layer F d), step F d (local (layer F d) x) = local d (step F d x).

Fixpoint local_squares Z A (c : chain Z A) : Prop :=
  match c with stop => True | layer F d => local_square F d /\ local_squares d end.

Definition local_natural Z A (c0 : chain Z A) : Prop :=
  forall B C (c : chain Z B) (d : chain Z C), inside c0 c ->
  forall (f : inside c d) x, restrict_X f (local c x) = local d (restrict_X f x).

(** What a square asks of two layers in a row, and of the last one. *)
Definition keeps_parameters A B C (F : learner A B) (G : learner B C) : Prop :=
  forall p a q, let b := implement F p a in update G q b (implement G q b) = q.
Definition reaches_request A B C (F : learner A B) (G : learner B C) : Prop :=
  forall p a q,
    let b := implement F p a in
    implement F (update F p a b) (request F p a b) = request G q b (implement G q b).
Definition reaches_output A B (F : learner A B) : Prop :=
  forall p a, let b := implement F p a in implement F (update F p a b) (request F p a b) = b.

Fixpoint local_conditions Z A (c : chain Z A) : Prop :=
  match c with
  | stop => True
  | layer F d =>
      match d in chain _ B return learner _ B -> Prop with
      | stop => fun F => reaches_output F
      | layer G _ => fun F => keeps_parameters F G /\ reaches_request F G
      end F /\ local_conditions d
  end.

Fixpoint inhabited_chain Z A (c : chain Z A) : Prop :=
  match c with stop => True | layer F d => inhabited (Par F) /\ inhabited_chain d end.

Lemma inhabited_W Z A (c : chain Z A) : inhabited_chain c -> inhabited (W c).
Proof.
  induction c; cbn; [repeat constructor|].
  intros [[p] H]; destruct (IHc H) as [w]; now repeat constructor.
Qed.

Theorem local_square_iff Z A B C (F : learner A B) (G : learner B C) (e : chain Z C) :
  inhabited (W e) -> (local_square F (layer G e) <-> keeps_parameters F G /\ reaches_request F G).
Proof.
  intros [w]; unfold local_square, step; cbn; split.
  - intro H; split; intros p a q; specialize (H (a, (p, (q, w)))); cbn in *; injection H; auto.
  - intros [K R] [a [p [q w']]]; cbn. now rewrite K, (R p a q).
Qed.

Theorem local_square_last_iff Z A (F : learner A Z) : local_square F stop <-> reaches_output F.
Proof.
  unfold local_square, step, reaches_output; cbn; split.
  - intros H p a. specialize (H (a, (p, tt))). now injection H.
  - intros H [a [p []]]; cbn. now rewrite H.
Qed.

Lemma local_squares_inside Z A B (c : chain Z A) (d : chain Z B) : inside c d -> local_squares c -> local_squares d.
Proof. induction 1; cbn; tauto. Qed.

Theorem local_natural_iff_squares Z A (c : chain Z A) : local_natural c <-> local_squares c.
Proof.
  split.
  - induction c as [|A B F d IH]; intro H; cbn; [exact I|]; split.
    + intro x. exact (H _ _ _ _ (whole _) (drop F (whole d)) x).
    + apply IH. intros B' C' c' d' g f x. exact (H _ _ _ _ (drop F g) f x).
  - intros H B C c' d g f. pose proof (local_squares_inside g H) as K; clear g H.
    induction f as [|A' B' C' F d e f IH]; intro x; [reflexivity|].
    cbn [restrict_X local_squares] in *. destruct K as [K1 K2]. now rewrite <- (IH K2), <- K1.
Qed.

(** Theorem A in its basic form: the local reading is natural exactly where these conditions hold. *)
Theorem local_natural_iff Z A (c : chain Z A) : inhabited_chain c -> (local_natural c <-> local_conditions c).
Proof.
  rewrite local_natural_iff_squares. induction c as [|A B F d IH]; cbn; [tauto|].
  intros [_ H]. rewrite (IH H). destruct d as [|B C G e].
  - rewrite local_square_last_iff. tauto.
  - cbn in H. rewrite local_square_iff; [tauto | now apply inhabited_W].
Qed.

Fixpoint all_getput Z A (c : chain Z A) : Prop :=
  match c with stop => True | layer F d => getput F /\ all_getput d end.

(** Where every layer satisfies GetPut the local reading is the identity: it commutes, vacuously. *)
Theorem local_identity Z A (c : chain Z A) : all_getput c -> forall x, local c x = x.
Proof.
  destruct c as [|A B F d]; cbn; auto. intros [H _] [a [p w]]; cbn. now destruct (H p a) as [-> ->].
Qed.

Theorem local_natural_getput Z A (c : chain Z A) : all_getput c -> local_natural c.
Proof.
  rewrite local_natural_iff_squares. induction c as [|A B F d IH]; cbn; auto.
  intros H; split; [intro x | tauto].
  rewrite (@local_identity _ _ (layer F d)); [|exact H]. rewrite local_identity; tauto.
Qed.

(** ** The composite, and a target at its end *)

Fixpoint composite Z A (c : chain Z A) : learner A Z :=
  match c with stop => identity Z | layer F d => F ;; composite d end.

Fixpoint requested Z A (c : chain Z A) : W c -> A -> Z -> A :=
  match c in chain _ A return W c -> A -> Z -> A with
  | stop => fun _ _ z => z
  | layer F d => fun w a z => request F (fst w) a (requested d (snd w) (implement F (fst w) a) z)
  end.
Fixpoint updated Z A (c : chain Z A) : W c -> A -> Z -> W c :=
  match c in chain _ A return W c -> A -> Z -> W c with
  | stop => fun w _ _ => w
  | layer F d => fun w a z =>
      let b := implement F (fst w) a in
      (update F (fst w) a (requested d (snd w) b z), updated d (snd w) b z)
  end.
Fixpoint output Z A (c : chain Z A) : W c -> A -> Z :=
  match c in chain _ A return W c -> A -> Z with
  | stop => fun _ a => a
  | layer F d => fun w a => output d (snd w) (implement F (fst w) a)
  end.
Arguments requested {Z A} c _ _ _.
Arguments updated {Z A} c _ _ _.
Arguments output {Z A} c _ _.

Definition network Z A (c : chain Z A) : learner A Z :=
  {| Par := W c; implement := output c; update := updated c; request := requested c |}.

Theorem network_is_composite Z A (c : chain Z A) : network c ~~ composite c.
Proof.
  induction c as [|A B F d IH]; cbn [composite].
  - by_blocks (fun w : unit => w) (fun w : unit => w).
  - transitivity (F ;; network d); [|now rewrite IH].
    by_blocks (fun w : Par F * W d => w) (fun w : Par F * W d => w).
Qed.

(** Reading R3: the update towards a fixed target is natural X -> W, for all learners. *)
Definition weights Z (z : Z) A (c : chain Z A) (x : X c) : W c := updated c (snd x) (fst x) z.
Arguments weights {Z} z {A} c x.

Theorem weights_natural Z (z : Z) A B (c : chain Z A) (d : chain Z B) (f : inside c d) (x : X c) :
  weights z d (restrict_X f x) = restrict_W f (weights z c x).
Proof. induction f; cbn [restrict_X restrict_W]; auto. now rewrite IHf. Qed.

(** Reading R2: with requests, the activity part asks for PutGet at the targets that are reached. *)
Definition target Z (z : Z) A (c : chain Z A) (x : X c) : X c :=
  (requested c (snd x) (fst x) z, updated c (snd x) (fst x) z).
Arguments target {Z} z {A} c x.

Definition target_square Z (z : Z) A B (F : learner A B) (d : chain Z B) : Prop :=
  forall x, step F d (target z (layer F d) x) = target z d (step F d x).

Theorem target_square_iff Z (z : Z) A B (F : learner A B) (d : chain Z B) :
  target_square z F d <->
  forall p a w,
    let t := requested d w (implement F p a) z in implement F (update F p a t) (request F p a t) = t.
Proof.
  unfold target_square, step, target; split.
  - intros H p a w. specialize (H (a, (p, w))); cbn in H. now injection H.
  - intros H [a [p w]]; cbn. f_equal. apply (H p a w).
Qed.

Fixpoint all_putget Z A (c : chain Z A) : Prop :=
  match c with stop => True | layer F d => putget F /\ all_putget d end.

Lemma putget_inside Z A B (c : chain Z A) (d : chain Z B) : inside c d -> all_putget c -> all_putget d.
Proof. induction 1; cbn; tauto. Qed.

Theorem target_natural Z (z : Z) A B (c : chain Z A) (d : chain Z B) (f : inside c d) :
  all_putget c -> forall x, restrict_X f (target z c x) = target z d (restrict_X f x).
Proof.
  induction f as [|A' B' C' F d e f IH]; intros H x; [reflexivity|]. destruct H as [H K].
  cbn [restrict_X]. rewrite <- (IH K).
  assert (S : target_square z F d) by (apply target_square_iff; intros; apply H). now rewrite S.
Qed.

(** ** Sheaves on a nested space: the empty cover decides *)

(** A cover of an open that is not empty has that open among its members. *)
Theorem gluing Z A (c : chain Z A) (J : Type) (B : J -> Type) (d : forall j, chain Z (B j))
  (f : forall j, inside c (d j)) (x : X c) (s : forall j, X (d j)) :
  (forall j, restrict_X (f j) x = s j) ->
  exists! y : X c, restrict_X (whole c) y = x /\ forall j, restrict_X (f j) y = s j.
Proof. intros H; exists x; split; [easy|]. now intros y [<- _]. Qed.

(** With U_p empty, the empty cover of it forces the last activities to be a point. *)
Theorem empty_cover (Z : Type) :
  (exists! x : X (@stop Z), forall j : Empty_set, True) -> forall z z' : Z, z = z'.
Proof.
  intros [x [_ H]] z z'. assert (E : (z, tt) = (z', tt)).
  { transitivity x; [symmetry|]; apply (H (_, tt)); intros []. }
  now injection E.
Qed.
