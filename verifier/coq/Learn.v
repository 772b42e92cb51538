(** The category Learn (Fong, Spivak, Tuyeras: Backprop as Functor, Definition II.1), over arbitrary types.

    A learner A -> B is (P, I, U, R).  Two learners are equivalent if a bijection of their parameter spaces commutes
    with I, U and R.  Everything is pointwise: no axiom is used, not even functional extensionality. *)

From Coq Require Import Setoid Morphisms.
Set Implicit Arguments.
Set Primitive Projections.

Record learner (A B : Type) : Type := Learner {
  Par : Type;
  implement : Par -> A -> B;
  update : Par -> A -> B -> Par;
  request : Par -> A -> B -> A }.
Arguments Par {A B} _.
Arguments implement {A B} _ _ _.
Arguments update {A B} _ _ _ _.
Arguments request {A B} _ _ _ _.

(** ** Equivalence *)

Record bijection (A B : Type) (F G : learner A B) : Type := Bijection {
  forth : Par F -> Par G;
  back : Par G -> Par F;
  forth_back : forall q, forth (back q) = q;
  back_forth : forall p, back (forth p) = p;
  same_implement : forall p a, implement G (forth p) a = implement F p a;
  same_update : forall p a b, update G (forth p) a b = forth (update F p a b);
  same_request : forall p a b, request G (forth p) a b = request F p a b }.

Definition equivalent (A B : Type) (F G : learner A B) : Prop := inhabited (bijection F G).
Infix "~~" := equivalent (at level 70).

(** ** Structure *)

Definition identity (A : Type) : learner A A :=
  {| Par := unit; implement := fun _ a => a; update := fun _ _ _ => tt; request := fun _ _ b => b |}.

(** The upstream learner is trained on what the downstream one requests. *)
Definition compose (A B C : Type) (F : learner A B) (G : learner B C) : learner A C :=
  {| Par := Par F * Par G;
     implement := fun p a => implement G (snd p) (implement F (fst p) a);
     update := fun p a c =>
       let b := implement F (fst p) a in
       (update F (fst p) a (request G (snd p) b c), update G (snd p) b c);
     request := fun p a c =>
       let b := implement F (fst p) a in request F (fst p) a (request G (snd p) b c) |}.
Infix ";;" := compose (at level 50, left associativity).

Definition product (A B C D : Type) (F : learner A B) (G : learner C D) : learner (A * C) (B * D) :=
  {| Par := Par F * Par G;
     implement := fun p a => (implement F (fst p) (fst a), implement G (snd p) (snd a));
     update := fun p a b => (update F (fst p) (fst a) (fst b), update G (snd p) (snd a) (snd b));
     request := fun p a b => (request F (fst p) (fst a) (fst b), request G (snd p) (snd a) (snd b)) |}.
Infix "**" := product (at level 45, left associativity).

(** A pair of maps as a learner without parameters; what reorders data is one. *)
Definition rewire (A B : Type) (f : A -> B) (g : B -> A) : learner A B :=
  {| Par := unit; implement := fun _ => f; update := fun _ _ _ => tt; request := fun _ _ => g |}.

Definition swap (A B : Type) (x : A * B) : B * A := (snd x, fst x).
Definition right (A B C : Type) (x : A * B * C) : A * (B * C) := (fst (fst x), (snd (fst x), snd x)).
Definition left (A B C : Type) (x : A * (B * C)) : A * B * C := (fst x, fst (snd x), snd (snd x)).
Definition middle (A B C D : Type) (x : A * B * (C * D)) : A * C * (B * D) :=
  (fst (fst x), fst (snd x), (snd (fst x), snd (snd x))).

Definition braid (A B : Type) : learner (A * B) (B * A) := rewire (@swap A B) (@swap B A).
Definition associate (A B C : Type) : learner (A * B * C) (A * (B * C)) := rewire (@right A B C) (@left A B C).
Definition reassociate (A B C : Type) : learner (A * (B * C)) (A * B * C) := rewire (@left A B C) (@right A B C).
Definition unit_left (A : Type) : learner (unit * A) A := rewire snd (pair tt).
Definition unit_right (A : Type) : learner (A * unit) A := rewire fst (fun a => (a, tt)).

(** Takes pairs and units apart, and computes. *)
Ltac compute_pairs :=
  cbn in *;
  repeat match goal with
  | x : unit |- _ => destruct x
  | x : prod _ _ |- _ => destruct x; cbn in *
  | |- forall _, _ => intro; cbn in *
  end;
  cbn; try reflexivity.

(** Equivalence by a bijection that only moves blocks of parameters. *)
Ltac by_blocks f g :=
  match goal with
  | |- equivalent ?F ?G => constructor; refine (@Bijection _ _ F G f g _ _ _ _ _); compute_pairs
  end.

(** ** Equivalence is an equivalence, and a congruence *)

Lemma equivalent_refl A B (F : learner A B) : F ~~ F.
Proof. by_blocks (fun p : Par F => p) (fun p : Par F => p). Qed.

Lemma equivalent_sym A B (F G : learner A B) : F ~~ G -> G ~~ F.
Proof.
  intros [[f g fg gf I U R]]; constructor; refine (@Bijection _ _ _ _ g f gf fg _ _ _).
  - intros q a. rewrite <- (fg q) at 2. now rewrite I.
  - intros q a b. rewrite <- (fg q) at 2. now rewrite U, gf.
  - intros q a b. rewrite <- (fg q) at 2. now rewrite R.
Qed.

Lemma equivalent_trans A B (F G H : learner A B) : F ~~ G -> G ~~ H -> F ~~ H.
Proof.
  intros [[f g fg gf I U R]] [[f' g' fg' gf' I' U' R']]; constructor.
  refine (@Bijection _ _ _ _ (fun p => f' (f p)) (fun q => g (g' q)) _ _ _ _ _); intros; cbn.
  - now rewrite fg, fg'.
  - now rewrite gf', gf.
  - now rewrite I', I.
  - now rewrite U', U.
  - now rewrite R', R.
Qed.

#[export] Instance equivalent_is_equivalence A B : Equivalence (@equivalent A B).
Proof. split; red; [apply equivalent_refl | apply equivalent_sym | apply equivalent_trans]. Qed.

#[export] Instance compose_congruence A B C :
  Proper (@equivalent A B ==> @equivalent B C ==> @equivalent A C) (@compose A B C).
Proof.
  intros F F' [[f g fg gf I U R]] G G' [[f' g' fg' gf' I' U' R']]; constructor.
  refine (@Bijection _ _ (F ;; G) (F' ;; G') (fun p => (f (fst p), f' (snd p)))
            (fun q => (g (fst q), g' (snd q))) _ _ _ _ _).
  - intros [q q']; cbn. now rewrite fg, fg'.
  - intros [p p']; cbn. now rewrite gf, gf'.
  - intros [p p'] a; cbn. now rewrite I, I'.
  - intros [p p'] a c; cbn. now rewrite I, R', U', U.
  - intros [p p'] a c; cbn. now rewrite I, R', R.
Qed.

#[export] Instance product_congruence A B C D :
  Proper (@equivalent A B ==> @equivalent C D ==> @equivalent (A * C) (B * D)) (@product A B C D).
Proof.
  intros F F' [[f g fg gf I U R]] G G' [[f' g' fg' gf' I' U' R']]; constructor.
  refine (@Bijection _ _ (F ** G) (F' ** G') (fun p => (f (fst p), f' (snd p)))
            (fun q => (g (fst q), g' (snd q))) _ _ _ _ _).
  - intros [q q']; cbn. now rewrite fg, fg'.
  - intros [p p']; cbn. now rewrite gf, gf'.
  - intros [p p'] a; cbn. now rewrite I, I'.
  - intros [p p'] a b; cbn. now rewrite U, U'.
  - intros [p p'] a b; cbn. now rewrite R, R'.
Qed.

(** ** A symmetric monoidal category *)

Section Category.
Variables A B C D X Y A' B' C' D' : Type.

Theorem associativity (F : learner A B) (G : learner B C) (H : learner C D) : F ;; G ;; H ~~ F ;; (G ;; H).
Proof. by_blocks (@right (Par F) (Par G) (Par H)) (@left (Par F) (Par G) (Par H)). Qed.

Theorem identity_left (F : learner A B) : identity A ;; F ~~ F.
Proof. by_blocks (fun p : unit * Par F => snd p) (fun p : Par F => (tt, p)). Qed.

Theorem identity_right (F : learner A B) : F ;; identity B ~~ F.
Proof. by_blocks (fun p : Par F * unit => fst p) (fun p : Par F => (p, tt)). Qed.

Theorem interchange (F : learner A B) (G : learner B C) (F' : learner A' B') (G' : learner B' C') :
  (F ** F') ;; (G ** G') ~~ (F ;; G) ** (F' ;; G').
Proof.
  by_blocks (@middle (Par F) (Par F') (Par G) (Par G')) (@middle (Par F) (Par G) (Par F') (Par G')).
Qed.

Theorem product_of_identities : identity A ** identity B ~~ identity (A * B).
Proof. by_blocks (fun _ : unit * unit => tt) (fun _ : unit => (tt, tt)). Qed.

Theorem braid_natural (F : learner A B) (G : learner C D) : (F ** G) ;; braid B D ~~ braid A C ;; (G ** F).
Proof.
  by_blocks (fun p : Par F * Par G * unit => (tt, swap (fst p)))
            (fun p : unit * (Par G * Par F) => (swap (snd p), tt)).
Qed.

Theorem braid_involutive : braid A B ;; braid B A ~~ identity (A * B).
Proof. by_blocks (fun _ : unit * unit => tt) (fun _ : unit => (tt, tt)). Qed.

Theorem associate_natural (F : learner A B) (G : learner C D) (H : learner X Y) :
  (F ** G ** H) ;; associate B D Y ~~ associate A C X ;; (F ** (G ** H)).
Proof.
  by_blocks (fun p : Par F * Par G * Par H * unit => (tt, right (fst p)))
            (fun p : unit * (Par F * (Par G * Par H)) => (left (snd p), tt)).
Qed.

Theorem associate_inverse : associate A B C ;; reassociate A B C ~~ identity (A * B * C).
Proof. by_blocks (fun _ : unit * unit => tt) (fun _ : unit => (tt, tt)). Qed.

Theorem reassociate_inverse : reassociate A B C ;; associate A B C ~~ identity (A * (B * C)).
Proof. by_blocks (fun _ : unit * unit => tt) (fun _ : unit => (tt, tt)). Qed.

Theorem unit_left_natural (F : learner A B) : (identity unit ** F) ;; unit_left B ~~ unit_left A ;; F.
Proof.
  by_blocks (fun p : unit * Par F * unit => (tt, snd (fst p))) (fun p : unit * Par F => ((tt, snd p), tt)).
Qed.

Theorem unit_right_natural (F : learner A B) : (F ** identity unit) ;; unit_right B ~~ unit_right A ;; F.
Proof.
  by_blocks (fun p : Par F * unit * unit => (tt, fst (fst p))) (fun p : unit * Par F => ((snd p, tt), tt)).
Qed.

Theorem pentagon :
  (associate A B C ** identity D) ;; associate A (B * C) D ;; (identity A ** associate B C D)
  ~~ associate (A * B) C D ;; associate A B (C * D).
Proof.
  by_blocks (fun _ : unit * unit * unit * (unit * unit) => (tt, tt))
            (fun _ : unit * unit => ((tt, tt, tt), (tt, tt))).
Qed.

Theorem triangle : associate A unit B ;; (identity A ** unit_left B) ~~ unit_right A ** identity B.
Proof. by_blocks (fun _ : unit * (unit * unit) => (tt, tt)) (fun _ : unit * unit => (tt, (tt, tt))). Qed.

Theorem hexagon :
  associate A B C ;; braid A (B * C) ;; associate B C A
  ~~ (braid A B ** identity C) ;; associate B A C ;; (identity B ** braid A C).
Proof.
  by_blocks (fun _ : unit * unit * unit => ((tt, tt), tt, (tt, tt)))
            (fun _ : unit * unit * unit * (unit * unit) => (tt, tt, tt)).
Qed.

Theorem hexagon_back :
  reassociate A B C ;; braid (A * B) C ;; reassociate C A B
  ~~ (identity A ** braid B C) ;; reassociate A C B ;; (braid A C ** identity B).
Proof.
  by_blocks (fun _ : unit * unit * unit => ((tt, tt), tt, (tt, tt)))
            (fun _ : unit * unit * unit * (unit * unit) => (tt, tt, tt)).
Qed.

Theorem braid_unit : braid A unit ;; unit_left A ~~ unit_right A.
Proof. by_blocks (fun _ : unit * unit => tt) (fun _ : unit => (tt, tt)). Qed.

(** ** The laws of lenses *)

Definition getput E (F : learner A E) : Prop :=
  forall p a, update F p a (implement F p a) = p /\ request F p a (implement F p a) = a.

Definition putget E (F : learner A E) : Prop :=
  forall p a b, implement F (update F p a b) (request F p a b) = b.

Definition putput E (F : learner A E) : Prop :=
  forall p a b c,
    update F (update F p a b) (request F p a b) c = update F p a c /\
    request F (update F p a b) (request F p a b) c = request F p a c.
End Category.

Theorem getput_compose A B C (F : learner A B) (G : learner B C) : getput F -> getput G -> getput (F ;; G).
Proof.
  intros HF HG [p q] a; cbn. destruct (HG q (implement F p a)) as [U R]; rewrite R, U.
  now destruct (HF p a) as [-> ->].
Qed.

Theorem getput_product A B C D (F : learner A B) (G : learner C D) : getput F -> getput G -> getput (F ** G).
Proof. intros HF HG [p q] [a c]; cbn. now destruct (HF p a) as [-> ->], (HG q c) as [-> ->]. Qed.

Theorem putget_compose A B C (F : learner A B) (G : learner B C) : putget F -> putget G -> putget (F ;; G).
Proof. intros HF HG [p q] a c; cbn. now rewrite HF, HG. Qed.

Theorem putget_product A B C D (F : learner A B) (G : learner C D) : putget F -> putget G -> putget (F ** G).
Proof. intros HF HG [p q] [a c] [b d]; cbn. now rewrite HF, HG. Qed.

Theorem putput_product A B C D (F : learner A B) (G : learner C D) : putput F -> putput G -> putput (F ** G).
Proof.
  intros HF HG [p q] [a c] [b d] [b' d']; cbn.
  now destruct (HF p a b b') as [-> ->], (HG q c d d') as [-> ->].
Qed.

(** PutPut of a composite needs PutGet upstream (without it there are counterexamples with two elements). *)
Theorem putput_compose A B C (F : learner A B) (G : learner B C) :
  putget F -> putput F -> putput G -> putput (F ;; G).
Proof.
  intros PF HF HG [p q] a c c'; cbn. rewrite PF.
  destruct (HG q (implement F p a) c c') as [-> ->].
  now destruct (HF p a (request G q (implement F p a) c) (request G q (implement F p a) c')) as [-> ->].
Qed.

Theorem getput_equivalent A B (F G : learner A B) : F ~~ G -> getput F -> getput G.
Proof.
  intros [[f g fg gf I U R]] H q a; destruct (H (g q) a) as [H1 H2].
  rewrite <- (fg q), I, U, R. now rewrite H1, H2.
Qed.

(** ** Equality along given maps: of parameters, both ways, and of what only brackets data differently *)

Definition along (A B C D : Type) (F : learner A B) (G : learner C D)
  (source : A -> C) (target : B -> D) (forth : Par F -> Par G) (back : Par G -> Par F) : Prop :=
  (forall q, forth (back q) = q) /\
  (forall p, back (forth p) = p) /\
  (forall p a, implement G (forth p) (source a) = target (implement F p a)) /\
  (forall p a b, update G (forth p) (source a) (target b) = forth (update F p a b)) /\
  (forall p a b, request G (forth p) (source a) (target b) = source (request F p a b)).

Ltac by_computing := refine (conj _ (conj _ (conj _ (conj _ _)))); compute_pairs.
