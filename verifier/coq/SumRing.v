(** A decision procedure, by computation, for equalities of sums of products.

    An expression is a polynomial in atoms (entries of tensors at index variables), with sums over index variables
    nested anywhere.  It is brought to a list of monomials, all sums outermost; Kronecker deltas are summed out, atoms
    whose product is 1 cancel, a sum of what does not depend on its index is a size, and bound indices are renamed and
    permuted to a least form.  Every binder of an expression has a name of its own; where that is not so nothing is
    simplified, so that a name is never captured. *)

From Coq Require Import Reals Lra Lia Arith List Bool ZArith QArith Qreals Permutation.
Require Import Sums.
Import ListNotations.
Set Implicit Arguments.
Local Open Scope R_scope.

Definition number (p : Z) (d : positive) : R := match d with xH => IZR p | _ => IZR p / IZR (Zpos d) end.

Inductive factor := Atom (head : nat) (places : list nat) | Delta (i j : nat).

Inductive expr :=
| Cst (p : Z) (d : positive)
| Fac (f : factor)
| Add (a b : expr)
| Mul (a b : expr)
| Neg (a : expr)
| Sig (x s : nat) (a : expr).

Definition env := nat -> nat.
Definition put (r : env) (x k : nat) : env := fun y => if Nat.eqb x y then k else r y.

Record monomial := Monomial { coef : Q; binds : list (nat * nat); facs : list factor }.

Section Semantics.
Variable heads : nat -> list nat -> R.
Variable sizes : nat -> nat.

Definition value (r : env) (f : factor) : R :=
  match f with
  | Atom h xs => heads h (map r xs)
  | Delta i j => delta (r i) (r j)
  end.

Fixpoint eval (r : env) (e : expr) : R :=
  match e with
  | Cst p d => number p d
  | Fac f => value r f
  | Add a b => eval r a + eval r b
  | Mul a b => eval r a * eval r b
  | Neg a => - eval r a
  | Sig x s a => sum (sizes s) (fun k => eval (put r x k) a)
  end.

Fixpoint prod (r : env) (fs : list factor) : R :=
  match fs with [] => 1 | f :: fs => value r f * prod r fs end.

Fixpoint sums (r : env) (bs : list (nat * nat)) (f : env -> R) : R :=
  match bs with
  | [] => f r
  | (x, s) :: bs => sum (sizes s) (fun k => sums (put r x k) bs f)
  end.

Definition meaning (r : env) (m : monomial) : R := Q2R (coef m) * sums r (binds m) (fun r' => prod r' (facs m)).
Fixpoint total (r : env) (ms : list monomial) : R :=
  match ms with [] => 0 | m :: ms => meaning r m + total r ms end.

(** ** Variables *)

Definition vars_of (f : factor) : list nat := match f with Atom _ xs => xs | Delta i j => [i; j] end.
Definition vars (fs : list factor) : list nat := flat_map vars_of fs.
Definition names (bs : list (nat * nat)) : list nat := map fst bs.
Definition mem (x : nat) (l : list nat) : bool := existsb (Nat.eqb x) l.
Fixpoint distinct (l : list nat) : bool := match l with [] => true | x :: l => negb (mem x l) && distinct l end.

Lemma mem_in x l : mem x l = true <-> In x l.
Proof.
  unfold mem. rewrite existsb_exists. split.
  - intros [y [H E]]. apply Nat.eqb_eq in E. now subst.
  - intro H. exists x. split; auto. apply Nat.eqb_refl.
Qed.

Lemma mem_not x l : mem x l = false <-> ~ In x l.
Proof. rewrite <- mem_in. destruct (mem x l); split; intuition congruence. Qed.

Lemma distinct_nodup l : distinct l = true -> NoDup l.
Proof.
  induction l as [|x l IH]; cbn; [constructor|]. rewrite andb_true_iff, negb_true_iff, mem_not.
  intros [H K]. constructor; auto.
Qed.

Lemma put_same r x k : put r x k x = k.
Proof. unfold put. now rewrite Nat.eqb_refl. Qed.

Lemma put_other r x k y : x <> y -> put r x k y = r y.
Proof. intro H. unfold put. destruct (Nat.eqb_spec x y); congruence. Qed.

Lemma value_agree r r' f : (forall v, In v (vars_of f) -> r v = r' v) -> value r f = value r' f.
Proof.
  destruct f as [h xs|i j]; cbn; intro H.
  - f_equal. now apply map_ext_in.
  - now rewrite (H i), (H j); auto.
Qed.

Lemma prod_agree r r' fs : (forall v, In v (vars fs) -> r v = r' v) -> prod r fs = prod r' fs.
Proof.
  induction fs as [|f fs IH]; cbn; intro H; [easy|].
  rewrite (@value_agree r r' f), IH; auto; intros; apply H, in_or_app; auto.
Qed.

(** What lies in range: free variables by a context, bound ones by their sum. *)
Definition ranges (r : env) (ctx : list (nat * nat)) : Prop := forall x s, In (x, s) ctx -> (r x < sizes s)%nat.

Lemma sums_ext bs : forall r f g,
  (forall r', (forall y, ~ In y (names bs) -> r' y = r y) -> (NoDup (names bs) -> ranges r' bs) -> f r' = g r') ->
  sums r bs f = sums r bs g.
Proof.
  induction bs as [|[x s] bs IH]; cbn; intros r f g H.
  - apply H; [easy|]. intros _ y t [].
  - apply sum_ext. intros k Hk. apply IH. intros r' A B. apply H.
    + intros y N. rewrite A, put_other; intuition.
    + intros D y t [E|I].
      * injection E as -> ->. inversion D; subst. now rewrite A, put_same.
      * inversion D; subst. now apply B.
Qed.

Lemma sums_agree bs : forall r r' fs,
  (forall v, In v (vars fs) -> ~ In v (names bs) -> r v = r' v) ->
  sums r bs (fun q => prod q fs) = sums r' bs (fun q => prod q fs).
Proof.
  induction bs as [|[x s] bs IH]; cbn; intros r r' fs H.
  - apply prod_agree. auto.
  - apply sum_ext. intros k _. apply IH. intros v Hv N.
    unfold put. destruct (Nat.eqb_spec x v); auto. apply H; intuition.
Qed.

Lemma sums_scale bs : forall r c f, sums r bs (fun q => c * f q) = c * sums r bs f.
Proof.
  induction bs as [|[x s] bs IH]; cbn; intros; [easy|].
  rewrite <- sum_scale. apply sum_ext. auto.
Qed.

Lemma sums_app bs cs : forall r f, sums r (bs ++ cs) f = sums r bs (fun q => sums q cs f).
Proof. induction bs as [|[x s] bs IH]; cbn; intros; [easy|]. apply sum_ext; auto. Qed.

(** ** Renaming: what is bound gets other names; also what replaces a variable by another *)

Definition ren (p : nat -> nat) (f : factor) : factor :=
  match f with Atom h xs => Atom h (map p xs) | Delta i j => Delta (p i) (p j) end.
Definition renb (p : nat -> nat) (bs : list (nat * nat)) := map (fun b => (p (fst b), snd b)) bs.

Lemma names_renb p bs : names (renb p bs) = map p (names bs).
Proof. unfold names, renb. now rewrite !map_map. Qed.

Lemma prod_ren p r r' fs : (forall v, In v (vars fs) -> r (p v) = r' v) -> prod r (map (ren p) fs) = prod r' fs.
Proof.
  induction fs as [|f fs IH]; cbn; intro H; [easy|]. rewrite IH; [|intros; apply H, in_or_app; auto].
  f_equal. assert (K : forall v, In v (vars_of f) -> r (p v) = r' v) by (intros; apply H, in_or_app; auto).
  destruct f as [h xs|i j]; cbn in *.
  - f_equal. rewrite map_map. apply map_ext_in. auto.
  - rewrite (K i), (K j); auto.
Qed.

Lemma sums_ren p bs : forall r r' fs,
  NoDup (map p (names bs)) ->
  (forall v, In v (vars fs) -> ~ In v (names bs) -> ~ In (p v) (map p (names bs)) /\ r (p v) = r' v) ->
  sums r (renb p bs) (fun q => prod q (map (ren p) fs)) = sums r' bs (fun q => prod q fs).
Proof.
  induction bs as [|[x s] bs IH]; cbn; intros r r' fs D H.
  - apply prod_ren. intros v Hv. now apply H.
  - apply sum_ext. intros k _. inversion D as [|y l N1 D1]; subst. apply IH; auto. intros v Hv N.
    destruct (Nat.eq_dec v x) as [->|ne].
    + split; auto. now rewrite !put_same.
    + destruct (H v Hv) as [K1 K2]; [intros [E|E]; [cbn in E; congruence|contradiction]|]. split; [intro I; apply K1; now right|].
      rewrite !put_other; auto; intro E; apply K1; left; auto.
Qed.

(** ** Order of sums *)

Lemma sums_swap r x s y t bs fs : x <> y ->
  sums r ((x, s) :: (y, t) :: bs) (fun q => prod q fs) = sums r ((y, t) :: (x, s) :: bs) (fun q => prod q fs).
Proof.
  intro ne. cbn. rewrite sum_swap. apply sum_ext. intros j _. apply sum_ext. intros k _.
  apply sums_agree. intros v _ _. unfold put.
  destruct (Nat.eqb_spec x v), (Nat.eqb_spec y v); congruence.
Qed.

Lemma sums_permute bs cs fs : Permutation bs cs -> forall r, NoDup (names bs) ->
  sums r bs (fun q => prod q fs) = sums r cs (fun q => prod q fs).
Proof.
  induction 1 as [|[x s] bs cs P IH|[x s] [y t] bs|bs cs ds P IH Q IH']; intros r D.
  - easy.
  - inversion D; subst. cbn. apply sum_ext. intros; auto.
  - apply sums_swap. inversion D; subst. intro E; subst. cbn in *. intuition.
  - rewrite IH; auto. apply IH'. unfold names in *. eapply Permutation_NoDup; [|exact D]. now apply Permutation_map.
Qed.

Lemma prod_permute r fs gs : Permutation fs gs -> prod r fs = prod r gs.
Proof. induction 1; cbn; try congruence. - lra. Qed.

Lemma prod_app r fs gs : prod r (fs ++ gs) = prod r fs * prod r gs.
Proof. induction fs as [|f fs IH]; cbn; [lra|]. rewrite IH. lra. Qed.

(** ** From expressions to monomials *)

Definition number_q (p : Z) (d : positive) : Q := p # d.
Lemma number_right p d : number p d = Q2R (number_q p d).
Proof. unfold number, number_q, Q2R; cbn. destruct d; unfold Rdiv; auto. rewrite Rinv_1. lra. Qed.

(** A product is taken apart only if no name of one side is bound in the other. *)
Definition apart (m n : monomial) : bool :=
  forallb (fun x => negb (mem x (vars (facs m) ++ names (binds m)))) (names (binds n)) &&
  forallb (fun x => negb (mem x (vars (facs n)))) (names (binds m)).

Definition times (m n : monomial) : monomial :=
  Monomial (coef m * coef n) (binds m ++ binds n) (facs m ++ facs n).

Lemma times_right r m n : apart m n = true -> meaning r (times m n) = meaning r m * meaning r n.
Proof.
  unfold apart. rewrite andb_true_iff, !forallb_forall. intros [H K]. unfold meaning, times; cbn.
  rewrite Q2R_mult, sums_app.
  transitivity (Q2R (coef m) * Q2R (coef n) *
    sums r (binds m) (fun q => sums r (binds n) (fun q => prod q (facs n)) * prod q (facs m))).
  2: { rewrite sums_scale. ring. }
  f_equal. apply sums_ext. intros q A _.
  transitivity (sums q (binds n) (fun q' => prod q (facs m) * prod q' (facs n))).
  - apply sums_ext. intros q' A' _. rewrite prod_app. f_equal. apply prod_agree. intros v Hv. apply A'. intro I.
    apply H, negb_true_iff, mem_not in I. apply I, in_or_app. auto.
  - rewrite sums_scale, Rmult_comm. f_equal. apply sums_agree. intros v Hv _. apply A. intro I.
    apply K, negb_true_iff, mem_not in I. auto.
Qed.

Fixpoint each (m : monomial) (ns : list monomial) : option (list monomial) :=
  match ns with
  | [] => Some []
  | n :: ns => if apart m n then option_map (cons (times m n)) (each m ns) else None
  end.

Fixpoint all_pairs (ms ns : list monomial) : option (list monomial) :=
  match ms with
  | [] => Some []
  | m :: ms => match each m ns, all_pairs ms ns with Some l, Some l' => Some (l ++ l') | _, _ => None end
  end.

Lemma total_app r l l' : total r (l ++ l') = total r l + total r l'.
Proof. induction l as [|m l IH]; cbn; [lra|]. rewrite IH. lra. Qed.

Lemma each_right r m ns l : each m ns = Some l -> total r l = meaning r m * total r ns.
Proof.
  revert l; induction ns as [|n ns IH]; cbn; intros l E.
  - injection E as <-. cbn. lra.
  - destruct (apart m n) eqn:A; [|discriminate]. destruct (each m ns) as [l'|]; [|discriminate].
    injection E as <-. cbn. rewrite times_right, (IH l'); auto. lra.
Qed.

Lemma all_pairs_right r ms ns l : all_pairs ms ns = Some l -> total r l = total r ms * total r ns.
Proof.
  revert l; induction ms as [|m ms IH]; cbn; intros l E.
  - injection E as <-. cbn. lra.
  - destruct (each m ns) as [l1|] eqn:E1; [|discriminate]. destruct (all_pairs ms ns) as [l2|]; [|discriminate].
    injection E as <-. rewrite total_app, (each_right r _ _ E1), (IH l2); auto. lra.
Qed.

Definition bind (x s : nat) (m : monomial) := Monomial (coef m) ((x, s) :: binds m) (facs m).
Definition negate (m : monomial) := Monomial (- coef m) (binds m) (facs m).

Lemma bind_right r x s ms : total r (map (bind x s) ms) = sum (sizes s) (fun k => total (put r x k) ms).
Proof.
  induction ms as [|m ms IH]; cbn.
  - symmetry. apply sum_zero. auto.
  - rewrite IH, sum_add. f_equal. unfold meaning; cbn. now rewrite sum_scale.
Qed.

Lemma negate_right r ms : total r (map negate ms) = - total r ms.
Proof. induction ms as [|m ms IH]; cbn; [lra|]. rewrite IH. unfold meaning; cbn. rewrite Q2R_opp. lra. Qed.


(** ** Simplification of a monomial *)

Fixpoint size_of (x : nat) (ctx : list (nat * nat)) : option nat :=
  match ctx with [] => None | (y, s) :: ctx => if Nat.eqb x y then Some s else size_of x ctx end.

Lemma size_of_in x ctx s : size_of x ctx = Some s -> In (x, s) ctx.
Proof.
  induction ctx as [|[y t] ctx IH]; cbn; [discriminate|].
  destruct (Nat.eqb_spec x y) as [->|ne]; intro H; [injection H as ->|]; auto.
Qed.

Definition same_size (x y : nat) (ctx : list (nat * nat)) : bool :=
  match size_of x ctx, size_of y ctx with Some s, Some t => Nat.eqb s t | _, _ => false end.

(** Takes the first element that a test accepts out of a list. *)
Fixpoint pick (A : Type) (t : A -> bool) (l : list A) : option (A * list A) :=
  match l with
  | [] => None
  | a :: l => if t a then Some (a, l) else
      match pick t l with Some (b, l') => Some (b, a :: l') | None => None end
  end.

Lemma pick_permutes A (t : A -> bool) l a l' : pick t l = Some (a, l') -> Permutation l (a :: l') /\ t a = true.
Proof.
  revert a l'; induction l as [|b l IH]; cbn; intros a l' H; [discriminate|].
  destruct (t b) eqn:E.
  - injection H as <- <-. auto.
  - destruct (pick t l) as [[c m]|]; [|discriminate]. injection H as <- <-.
    destruct (IH _ _ eq_refl) as [P T]. split; auto. rewrite P. apply perm_swap.
Qed.

(** Rules: heads h, h' with h(xs) h'(xs) = 1, and heads with h(xs)^2 = h(xs), where the xs lie in their sizes. *)
Inductive rule := Inverse (h h' : nat) (over : list nat) | Idempotent (h : nat).
Variable rules : list rule.

Definition in_sizes (xs over : list nat) (ctx : list (nat * nat)) : bool :=
  Nat.eqb (length xs) (length over) &&
  forallb (fun p => match size_of (fst p) ctx with Some s => Nat.eqb s (snd p) | None => false end) (combine xs over).

Definition holds (u : rule) : Prop :=
  match u with
  | Inverse h h' over => forall ks, Forall2 (fun k s => (k < sizes s)%nat) ks over -> heads h ks * heads h' ks = 1
  | Idempotent h => forall ks, heads h ks * heads h ks = heads h ks
  end.
Hypothesis rules_hold : Forall holds rules.

Lemma in_sizes_right xs over ctx r :
  ranges r ctx -> in_sizes xs over ctx = true -> Forall2 (fun k s => (k < sizes s)%nat) (map r xs) over.
Proof.
  intros G. unfold in_sizes. rewrite andb_true_iff. intros [L K]. apply Nat.eqb_eq in L. revert over L K.
  induction xs as [|x xs IH]; intros [|s over] L K; cbn in *; try discriminate; constructor.
  - apply andb_true_iff in K. destruct K as [K _]. destruct (size_of x ctx) as [t|] eqn:E; [|discriminate].
    apply Nat.eqb_eq in K. subst. apply G. now apply size_of_in.
  - apply andb_true_iff in K. apply IH; [congruence | tauto].
Qed.

Fixpoint same_list (xs ys : list nat) : bool :=
  match xs, ys with
  | [], [] => true
  | x :: xs, y :: ys => Nat.eqb x y && same_list xs ys
  | _, _ => false
  end.
Lemma same_list_right xs ys : same_list xs ys = true -> xs = ys.
Proof.
  revert ys; induction xs as [|x xs IH]; intros [|y ys]; cbn; try discriminate; auto.
  rewrite andb_true_iff. intros [E H]. apply Nat.eqb_eq in E. f_equal; auto.
Qed.

(** What a factor becomes with another one: nothing, itself, or no rule applies. *)
Inductive outcome := Gone | Kept | Apart.
Definition meet1 (ctx : list (nat * nat)) (u : rule) (f g : factor) : outcome :=
  match f, g with
  | Atom h xs, Atom h' ys =>
      if same_list xs ys then
        match u with
        | Inverse k k' over =>
            if ((Nat.eqb h k && Nat.eqb h' k') || (Nat.eqb h k' && Nat.eqb h' k)) && in_sizes xs over ctx
            then Gone else Apart
        | Idempotent k => if Nat.eqb h k && Nat.eqb h' k then Kept else Apart
        end
      else Apart
  | _, _ => Apart
  end.
Fixpoint meet (ctx : list (nat * nat)) (us : list rule) (f g : factor) : outcome :=
  match us with
  | [] => Apart
  | u :: us => match meet1 ctx u f g with Apart => meet ctx us f g | o => o end
  end.

Lemma meet_right ctx us r f g : ranges r ctx -> Forall holds us ->
  match meet ctx us f g with
  | Gone => value r f * value r g = 1
  | Kept => value r f * value r g = value r g
  | Apart => True
  end.
Proof.
  intros G H. induction H as [|u us Hu H IH]; cbn; auto.
  assert (K : match meet1 ctx u f g with
    | Gone => value r f * value r g = 1 | Kept => value r f * value r g = value r g | Apart => True end).
  { destruct f as [h xs|], g as [h' ys|]; cbn; auto. destruct (same_list xs ys) eqn:E; auto.
    apply same_list_right in E; subst ys. destruct u as [k k' over|k].
    - destruct (_ && _) eqn:T; auto. apply andb_true_iff in T. destruct T as [T S].
      pose proof (in_sizes_right _ _ G S) as V. specialize (Hu _ V).
      apply orb_true_iff in T. destruct T as [T|T]; apply andb_true_iff in T; destruct T as [T T'];
      apply Nat.eqb_eq in T, T'; subst; lra.
    - destruct (_ && _) eqn:T; auto. apply andb_true_iff in T. destruct T as [T T'].
      apply Nat.eqb_eq in T, T'; subst. apply Hu. }
  destruct (meet1 ctx u f g); auto.
Qed.

(** Adds a factor to a list in which no rule applies. *)
Fixpoint insert (ctx : list (nat * nat)) (f : factor) (fs : list factor) : list factor :=
  match fs with
  | [] => [f]
  | g :: fs => match meet ctx rules f g with Gone => fs | Kept => g :: fs | Apart => g :: insert ctx f fs end
  end.

Lemma insert_right ctx r f fs : ranges r ctx -> prod r (insert ctx f fs) = value r f * prod r fs.
Proof.
  intro G. induction fs as [|g fs IH]; cbn; [easy|].
  pose proof (@meet_right ctx rules r f g G rules_hold) as M. destruct (meet ctx rules f g) eqn:E; cbn.
  - rewrite <- Rmult_assoc, M. lra.
  - rewrite <- Rmult_assoc, M. lra.
  - rewrite IH. lra.
Qed.

Definition reduce (ctx : list (nat * nat)) (fs : list factor) : list factor := fold_right (insert ctx) [] fs.
Lemma reduce_right ctx r fs : ranges r ctx -> prod r (reduce ctx fs) = prod r fs.
Proof. intro G. unfold reduce. induction fs as [|f fs IH]; cbn; [easy|]. rewrite insert_right, IH; auto. Qed.

(** One delta that can be summed out: its binder, what replaces it, and the rest. *)
Definition delta_at (ctx bs : list (nat * nat)) (f : factor) : option (nat * nat) :=
  match f with
  | Delta i j =>
      if Nat.eqb i j then None else
      if same_size i j (bs ++ ctx) then
        if mem i (names bs) then Some (i, j) else if mem j (names bs) then Some (j, i) else None
      else None
  | _ => None
  end.
Definition is_delta_at ctx bs f := match delta_at ctx bs f with Some _ => true | None => false end.

Definition swap_var (x y v : nat) : nat := if Nat.eqb x v then y else v.

Definition sum_out (ctx : list (nat * nat)) (m : monomial) : option monomial :=
  match pick (is_delta_at ctx (binds m)) (facs m) with
  | Some (f, fs) =>
      match delta_at ctx (binds m) f with
      | Some (x, y) =>
          match pick (fun b => Nat.eqb x (fst b)) (binds m) with
          | Some ((_, s), bs) =>
              match size_of y (bs ++ ctx) with
              | Some t => if Nat.eqb s t && distinct (names (binds m)) && negb (mem y [x])
                  then Some (Monomial (coef m) bs (map (ren (swap_var x y)) fs)) else None
              | None => None
              end
          | None => None
          end
      | None => None
      end
  | None => None
  end.

Lemma sum_out_right ctx r m n : ranges r ctx -> (forall x, In x (names (binds m)) -> ~ In x (names ctx)) ->
  sum_out ctx m = Some n -> meaning r n = meaning r m.
Proof.
  intros G F. unfold sum_out.
  destruct (pick _ (facs m)) as [[f fs]|] eqn:Pf; [|discriminate]. apply pick_permutes in Pf. destruct Pf as [Pf _].
  destruct (delta_at ctx (binds m) f) as [[x y]|] eqn:Df; [|discriminate].
  destruct (pick _ (binds m)) as [[[x' s] bs]|] eqn:Pb; [|discriminate]. apply pick_permutes in Pb.
  destruct Pb as [Pb Ex]. cbn in Ex. apply Nat.eqb_eq in Ex; subst x'.
  destruct (size_of y (bs ++ ctx)) as [t|] eqn:Sy; [|discriminate].
  destruct (_ && _) eqn:T; [|discriminate]. apply andb_true_iff in T. destruct T as [T Ny].
  apply andb_true_iff in T. destruct T as [St D]. apply Nat.eqb_eq in St; subst t. apply distinct_nodup in D.
  apply negb_true_iff, mem_not in Ny.
  intro E; injection E as <-. unfold meaning; cbn. f_equal.
  assert (Vf : forall q, value q f = delta (q x) (q y)).
  { destruct f as [|i j]; cbn in Df; [discriminate|]. destruct (Nat.eqb i j); [discriminate|].
    destruct (same_size i j _); [|discriminate]. destruct (mem i _); [injection Df as -> ->; easy|].
    destruct (mem j _); [injection Df as -> ->; intro q; cbn; apply delta_sym|discriminate]. }
  assert (Db : NoDup (names ((x, s) :: bs))).
  { eapply Permutation_NoDup; [|exact D]. now apply Permutation_map. }
  assert (Pb' : Permutation (binds m) (bs ++ [(x, s)])).
  { rewrite Pb. apply Permutation_cons_append. }
  rewrite (sums_permute (facs m) Pb' r D), sums_app.
  apply sums_ext. intros q A B. cbn.
  assert (Hy : (q y < sizes s)%nat).
  { inversion Db; subst. apply size_of_in, in_app_or in Sy. destruct Sy as [Sy|Sy]; [now apply B|].
    rewrite A; [now apply G|]. intro I. eapply F; [|apply in_map with (f := fst); exact Sy].
    unfold names. rewrite Pb. right. exact I. }
  transitivity (sum (sizes s) (fun k => delta (q y) k * prod (put q x k) fs)).
  - rewrite (@sum_delta (sizes s) (q y) (fun k => prod (put q x k) fs)); auto.
    apply prod_ren. intros v _. unfold swap_var, put. destruct (Nat.eqb x v); auto.
  - apply sum_ext. intros k _. rewrite (prod_permute _ Pf). cbn. rewrite Vf, put_same, delta_sym, put_other; auto.
    intro E. apply Ny. left. auto.
Qed.


(** Sums over an index that nothing depends on are sizes: head s, without places, is the size s as a number. *)
Variable known : nat.
Hypothesis size_heads : forall s, (s < known)%nat -> heads s [] = INR (sizes s).

Definition is_unused (fs : list factor) (b : nat * nat) : bool :=
  negb (mem (fst b) (vars fs)) && Nat.ltb (snd b) known.

Definition drop_unused (m : monomial) : option monomial :=
  match pick (is_unused (facs m)) (binds m) with
  | Some ((x, s), bs) =>
      if distinct (names (binds m)) then Some (Monomial (coef m) bs (Atom s [] :: facs m)) else None
  | None => None
  end.

Lemma drop_unused_right r m n : drop_unused m = Some n -> meaning r n = meaning r m.
Proof.
  unfold drop_unused. destruct (pick _ (binds m)) as [[[x s] bs]|] eqn:P; [|discriminate].
  apply pick_permutes in P. destruct P as [P U]. unfold is_unused in U; cbn in U. apply andb_true_iff in U.
  destruct U as [U K]. apply negb_true_iff, mem_not in U. apply Nat.ltb_lt in K.
  destruct (distinct _) eqn:D; [|discriminate]. apply distinct_nodup in D.
  intro E; injection E as <-. unfold meaning; cbn. f_equal.
  rewrite (sums_permute (facs m) P r D). cbn.
  rewrite (@sums_ext bs r _ (fun q => INR (sizes s) * prod q (facs m))), sums_scale by (intros; now rewrite size_heads).
  rewrite <- sum_one, <- sum_scale_right. apply sum_ext. intros k _. rewrite Rmult_1_l.
  apply sums_agree. intros v Hv _. unfold put. destruct (Nat.eqb_spec x v); auto. now subst.
Qed.

(** Everything together, with fuel for the number of binders. *)
Fixpoint simple (fuel : nat) (ctx : list (nat * nat)) (m : monomial) : monomial :=
  let m := Monomial (coef m) (binds m) (reduce (binds m ++ ctx) (facs m)) in
  match fuel with
  | O => m
  | S fuel =>
      match sum_out ctx m with
      | Some n => simple fuel ctx n
      | None => match drop_unused m with Some n => simple fuel ctx n | None => m end
      end
  end.

Definition disjoint (ctx bs : list (nat * nat)) : bool := forallb (fun x => negb (mem x (names ctx))) (names bs).

Definition simplify (ctx : list (nat * nat)) (m : monomial) : monomial :=
  if disjoint ctx (binds m) && distinct (names (binds m)) then simple (length (binds m)) ctx m else m.

Lemma disjoint_right ctx bs : disjoint ctx bs = true -> forall x, In x (names bs) -> ~ In x (names ctx).
Proof. unfold disjoint. rewrite forallb_forall. intros H x I. now apply H, negb_true_iff, mem_not in I. Qed.

Lemma sub_binds ctx m n : sum_out ctx m = Some n \/ drop_unused m = Some n ->
  exists b, Permutation (binds m) (b :: binds n).
Proof.
  unfold sum_out, drop_unused. intros [H|H].
  - destruct (pick _ (facs m)) as [[f fs]|]; [|discriminate]. destruct (delta_at _ _ f) as [[x y]|]; [|discriminate].
    destruct (pick _ (binds m)) as [[[x' s] bs]|] eqn:P; [|discriminate].
    destruct (size_of y _); [|discriminate]. destruct (_ && _); [|discriminate].
    injection H as <-. apply pick_permutes in P. eexists. apply P.
  - destruct (pick _ (binds m)) as [[[x s] bs]|] eqn:P; [|discriminate].
    destruct (distinct _); [|discriminate]. injection H as <-. apply pick_permutes in P. eexists. apply P.
Qed.

Lemma reduced_right ctx r m : ranges r ctx -> disjoint ctx (binds m) = true -> NoDup (names (binds m)) ->
  meaning r (Monomial (coef m) (binds m) (reduce (binds m ++ ctx) (facs m))) = meaning r m.
Proof.
  intros G D N. unfold meaning; cbn. f_equal. apply sums_ext. intros q A B. apply reduce_right.
  intros x s I. apply in_app_or in I. destruct I as [I|I]; [now apply B|]. rewrite A; [now apply G|].
  intro K. apply (disjoint_right _ _ D _ K). now apply in_map with (f := fst) in I.
Qed.

Lemma simple_right fuel : forall ctx r m, ranges r ctx -> disjoint ctx (binds m) = true ->
  NoDup (names (binds m)) -> meaning r (simple fuel ctx m) = meaning r m.
Proof.
  induction fuel as [|fuel IH]; intros ctx r m G D N; cbn [simple].
  - now apply reduced_right.
  - set (m' := Monomial _ _ _). assert (E : meaning r m' = meaning r m) by (now apply reduced_right).
    assert (Sub : forall n, sum_out ctx m' = Some n \/ drop_unused m' = Some n ->
      disjoint ctx (binds n) = true /\ NoDup (names (binds n))).
    { intros n H. destruct (sub_binds _ _ H) as [b P]. cbn in P. split.
      - unfold disjoint. rewrite forallb_forall. intros x I. apply negb_true_iff, mem_not.
        apply (disjoint_right _ _ D). unfold names in *. rewrite P. right. exact I.
      - assert (K : NoDup (names (b :: binds n))) by (eapply Permutation_NoDup; [apply Permutation_map; exact P | exact N]).
        now inversion K. }
    destruct (sum_out ctx m') as [n|] eqn:S1.
    + destruct (Sub n) as [D' N']; auto. rewrite IH; auto. rewrite (@sum_out_right ctx r m' n); auto.
      now apply disjoint_right.
    + destruct (drop_unused m') as [n|] eqn:S2; auto.
      destruct (Sub n) as [D' N']; auto. rewrite IH; auto. rewrite (@drop_unused_right r m' n); auto.
Qed.

Lemma simplify_right ctx r m : ranges r ctx -> meaning r (simplify ctx m) = meaning r m.
Proof.
  intro G. unfold simplify. destruct (_ && _) eqn:T; auto. apply andb_true_iff in T. destruct T as [D N].
  apply simple_right; auto. now apply distinct_nodup.
Qed.

(** ** A least form under renamings and permutations of what is bound *)

Fixpoint insertions (A : Type) (a : A) (l : list A) : list (list A) :=
  match l with [] => [[a]] | b :: l' => (a :: l) :: map (cons b) (insertions a l') end.
Fixpoint permutations (A : Type) (l : list A) : list (list A) :=
  match l with [] => [[]] | a :: l => flat_map (insertions a) (permutations l) end.

Lemma insertions_permute A (a : A) l k : In k (insertions a l) -> Permutation (a :: l) k.
Proof.
  revert k; induction l as [|b l IH]; cbn; intros k H.
  - destruct H as [<-|[]]. auto.
  - destruct H as [<-|H]; auto. apply in_map_iff in H. destruct H as [k' [<- H]]. rewrite <- (IH _ H). apply perm_swap.
Qed.

Lemma permutations_permute A (l k : list A) : In k (permutations l) -> Permutation l k.
Proof.
  revert k; induction l as [|a l IH]; cbn; intros k H.
  - destruct H as [<-|[]]. auto.
  - apply in_flat_map in H. destruct H as [m [H K]]. apply insertions_permute in K. rewrite <- K. now rewrite <- (IH _ H).
Qed.

Definition code (f : factor) : list nat := match f with Atom h xs => S h :: xs | Delta i j => [O; i; j] end.
Fixpoint compare_list (xs ys : list nat) : comparison :=
  match xs, ys with
  | [], [] => Eq | [], _ => Lt | _, [] => Gt
  | x :: xs, y :: ys => match Nat.compare x y with Eq => compare_list xs ys | c => c end
  end.
Fixpoint compare_facs (fs gs : list factor) : comparison :=
  match fs, gs with
  | [], [] => Eq | [], _ => Lt | _, [] => Gt
  | f :: fs, g :: gs => match compare_list (code f) (code g) with Eq => compare_facs fs gs | c => c end
  end.

Lemma compare_list_eq xs ys : compare_list xs ys = Eq -> xs = ys.
Proof.
  revert ys; induction xs as [|x xs IH]; intros [|y ys]; cbn; try discriminate; auto.
  destruct (Nat.compare_spec x y) as [->| |]; try discriminate. intro H; f_equal; auto.
Qed.
Lemma compare_facs_eq fs gs : compare_facs fs gs = Eq -> fs = gs.
Proof.
  revert gs; induction fs as [|f fs IH]; intros [|g gs]; cbn; try discriminate; auto.
  destruct (compare_list (code f) (code g)) eqn:E; try discriminate. intro H. apply compare_list_eq in E.
  f_equal; auto. destruct f, g; cbn in E; congruence.
Qed.

Definition order_delta (f : factor) : factor :=
  match f with Delta i j => if Nat.leb i j then f else Delta j i | _ => f end.
Lemma order_delta_right r f : value r (order_delta f) = value r f.
Proof. destruct f as [|i j]; auto. cbn. destruct (Nat.leb i j); cbn; auto. apply delta_sym. Qed.

Fixpoint put_in_order (f : factor) (fs : list factor) : list factor :=
  match fs with
  | [] => [f]
  | g :: gs => match compare_list (code f) (code g) with Gt => g :: put_in_order f gs | _ => f :: fs end
  end.
Definition in_order (fs : list factor) : list factor := fold_right put_in_order [] (map order_delta fs).
Lemma put_in_order_right r f fs : prod r (put_in_order f fs) = value r f * prod r fs.
Proof.
  induction fs as [|g fs IH]; cbn; [easy|]. destruct (compare_list _ _); cbn; auto. rewrite IH. lra.
Qed.
Lemma in_order_right r fs : prod r (in_order fs) = prod r fs.
Proof.
  unfold in_order. induction fs as [|f fs IH]; cbn; [easy|]. now rewrite put_in_order_right, IH, order_delta_right.
Qed.

Fixpoint numbered (base : nat) (bs : list (nat * nat)) : list (nat * nat) :=
  match bs with [] => [] | (x, _) :: bs => (x, base) :: numbered (S base) bs end.
Definition rename (table : list (nat * nat)) (v : nat) : nat := match size_of v table with Some w => w | None => v end.

(** The monomial with its binders in some order, named base, base + 1, ... in that order. *)
Definition arranged (base : nat) (bs : list (nat * nat)) (fs : list factor) : list (nat * nat) * list factor :=
  let p := rename (numbered base bs) in (renb p bs, in_order (map (ren p) fs)).

Definition arranged_ok (base : nat) (bs : list (nat * nat)) (fs : list factor) : bool :=
  let p := rename (numbered base bs) in
  distinct (map p (names bs)) &&
  forallb (fun v => mem v (names bs) || (negb (mem (p v) (map p (names bs))) && Nat.eqb (p v) v)) (vars fs).

Lemma arranged_right r base bs fs : arranged_ok base bs fs = true ->
  sums r (fst (arranged base bs fs)) (fun q => prod q (snd (arranged base bs fs))) = sums r bs (fun q => prod q fs).
Proof.
  unfold arranged_ok, arranged; cbn. set (p := rename _). rewrite andb_true_iff, forallb_forall. intros [D H].
  rewrite (@sums_ext (renb p bs) r _ (fun q => prod q (map (ren p) fs))) by (intros; apply in_order_right).
  apply sums_ren; [now apply distinct_nodup|]. intros v Hv N. specialize (H v Hv).
  apply orb_true_iff in H. destruct H as [H|H]; [now apply mem_in in H|].
  apply andb_true_iff in H. destruct H as [H E]. apply negb_true_iff, mem_not in H. apply Nat.eqb_eq in E.
  now rewrite E in *.
Qed.

Definition shape := (list (nat * nat) * list factor)%type.
Definition compare_shape (a b : shape) : comparison :=
  match compare_list (map snd (fst a)) (map snd (fst b)) with
  | Eq => match compare_list (names (fst a)) (names (fst b)) with
          | Eq => compare_facs (snd a) (snd b) | c => c end
  | c => c
  end.

Fixpoint least (base : nat) (best : shape) (fs : list factor) (orders : list (list (nat * nat))) : shape :=
  match orders with
  | [] => best
  | bs :: orders =>
      let a := arranged base bs fs in
      let better := if arranged_ok base bs fs then match compare_shape a best with Lt => true | _ => false end else false in
      least base (if better then a else best) fs orders
  end.

Definition canonical (base : nat) (m : monomial) : monomial :=
  if distinct (names (binds m)) then
    let start := if arranged_ok base (binds m) (facs m) then arranged base (binds m) (facs m) else (binds m, facs m) in
    let s := least base start (facs m) (permutations (binds m)) in
    Monomial (coef m) (fst s) (snd s)
  else m.

Lemma least_right r base fs v orders : forall best,
  sums r (fst best) (fun q => prod q (snd best)) = v ->
  (forall bs, In bs orders -> sums r bs (fun q => prod q fs) = v) ->
  sums r (fst (least base best fs orders)) (fun q => prod q (snd (least base best fs orders))) = v.
Proof.
  induction orders as [|bs orders IH]; cbn; intros best E H; auto. apply IH; auto.
  destruct (arranged_ok base bs fs) eqn:O; auto. destruct (compare_shape _ best); auto.
  rewrite arranged_right; auto.
Qed.

Lemma canonical_right base r m : meaning r (canonical base m) = meaning r m.
Proof.
  unfold canonical. destruct (distinct _) eqn:D; auto. unfold meaning; cbn. f_equal. apply least_right.
  - destruct (arranged_ok _ _ _) eqn:O; auto. now apply arranged_right.
  - intros bs I. symmetry. apply sums_permute; [now apply permutations_permute | now apply distinct_nodup].
Qed.

(** ** Like monomials are collected *)

Definition like (m n : monomial) : bool :=
  match compare_shape (binds m, facs m) (binds n, facs n) with Eq => true | _ => false end.

Lemma like_right r m n : like m n = true -> sums r (binds m) (fun q => prod q (facs m)) =
  sums r (binds n) (fun q => prod q (facs n)).
Proof.
  unfold like, compare_shape, names; cbn. destruct (compare_list _ _) eqn:E1; try discriminate.
  destruct (compare_list (map fst _) _) eqn:E2; try discriminate. destruct (compare_facs _ _) eqn:E3; try discriminate.
  intros _. apply compare_list_eq in E1, E2. apply compare_facs_eq in E3. rewrite E3.
  assert (E : binds m = binds n); [|now rewrite E].
  clear E3; revert E1 E2. unfold names. generalize (binds m) as bs, (binds n) as cs.
  induction bs as [|[x s] bs IH]; intros [|[y t] cs]; cbn; try discriminate; auto.
  intros E1 E2. injection E1 as -> E1. injection E2 as -> E2. f_equal; auto.
Qed.

Fixpoint collect1 (m : monomial) (ms : list monomial) : list monomial :=
  match ms with
  | [] => [m]
  | n :: ms =>
      if like m n then
        let c := Qred (coef m + coef n) in if Qeq_bool c 0 then ms else Monomial c (binds n) (facs n) :: ms
      else n :: collect1 m ms
  end.
Lemma collect1_right r m ms : total r (collect1 m ms) = meaning r m + total r ms.
Proof.
  induction ms as [|n ms IH]; cbn [collect1 total]; [easy|]. destruct (like m n) eqn:L; cbn [total].
  - apply (like_right r) in L. cbv zeta.
    assert (E : meaning r m + meaning r n = Q2R (Qred (coef m + coef n)) * sums r (binds n) (fun q => prod q (facs n))).
    { unfold meaning. rewrite L, (Qeq_eqR _ _ (Qred_correct _)), Q2R_plus. ring. }
    revert E. generalize (Qred (coef m + coef n)) as c. intros c E. destruct (Qeq_bool c 0) eqn:Z; cbn [total].
    + apply Qeq_bool_eq in Z. rewrite (Qeq_eqR _ _ Z), RMicromega.Q2R_0, Rmult_0_l in E. lra.
    + rewrite <- Rplus_assoc, E. easy.
  - rewrite IH. lra.
Qed.
Definition collect (base : nat) (ms : list monomial) : list monomial :=
  fold_right (fun m => collect1 (canonical base m)) [] ms.
Lemma collect_right base r ms : total r (collect base ms) = total r ms.
Proof.
  unfold collect. induction ms as [|m ms IH]; cbn; [easy|]. now rewrite collect1_right, IH, canonical_right.
Qed.

(** ** The normal form of an expression *)

Fixpoint normal (base : nat) (ctx : list (nat * nat)) (e : expr) : option (list monomial) :=
  match e with
  | Cst p d => Some (if Z.eqb p 0 then [] else [Monomial (number_q p d) [] []])
  | Fac f => Some [Monomial 1 [] [f]]
  | Add a b => match normal base ctx a, normal base ctx b with Some l, Some l' => Some (l ++ l') | _, _ => None end
  | Mul a b =>
      match normal base ctx a, normal base ctx b with
      | Some l, Some l' => option_map (map (simplify ctx)) (all_pairs l l')
      | _, _ => None
      end
  | Neg a => option_map (map negate) (normal base ctx a)
  | Sig x s a =>
      if mem x (names ctx) then None else
      option_map (map (fun m => simplify ctx (bind x s m))) (normal base ((x, s) :: ctx) a)
  end.

Lemma total_map_ext r g ms : (forall m, meaning r (g m) = meaning r m) -> total r (map g ms) = total r ms.
Proof. intro H. induction ms as [|m ms IH]; cbn; [easy|]. now rewrite H, IH. Qed.

Lemma normal_right base e : forall ctx r l, ranges r ctx -> normal base ctx e = Some l -> total r l = eval r e.
Proof.
  induction e as [p d|f|a IHa b IHb|a IHa b IHb|a IHa|x s a IHa]; intros ctx r l G; cbn [normal eval].
  - destruct (Z.eqb_spec p 0) as [->|ne]; intro E; injection E as <-; cbn.
    + rewrite number_right. unfold number_q, Q2R; cbn. lra.
    + unfold meaning; cbn. rewrite number_right. lra.
  - intro E; injection E as <-; cbn. unfold meaning; cbn. rewrite RMicromega.Q2R_1. lra.
  - destruct (normal base ctx a) as [la|] eqn:A; [|discriminate]. destruct (normal base ctx b) as [lb|] eqn:B; [|discriminate].
    intro E; injection E as <-. rewrite total_app, (IHa _ _ _ G A), (IHb _ _ _ G B). easy.
  - destruct (normal base ctx a) as [la|] eqn:A; [|discriminate]. destruct (normal base ctx b) as [lb|] eqn:B; [|discriminate].
    destruct (all_pairs la lb) as [ls|] eqn:P; [|discriminate]. intro E; injection E as <-.
    rewrite total_map_ext by (intro; now apply simplify_right).
    now rewrite (all_pairs_right r _ _ P), (IHa _ _ _ G A), (IHb _ _ _ G B).
  - destruct (normal base ctx a) as [la|] eqn:A; [|discriminate]. intro E; injection E as <-.
    now rewrite negate_right, (IHa _ _ _ G A).
  - destruct (mem x (names ctx)) eqn:M; [discriminate|]. apply mem_not in M.
    destruct (normal base _ a) as [la|] eqn:A; [|discriminate]. intro E; injection E as <-.
    rewrite <- map_map, total_map_ext by (intro; now apply simplify_right). rewrite bind_right.
    apply sum_ext. intros k Hk. apply (IHa ((x, s) :: ctx)); auto.
    intros y t [E|I].
    + injection E as <- <-. now rewrite put_same.
    + rewrite put_other; [now apply G|]. intros ->. apply M. now apply in_map with (f := fst) in I.
Qed.

Definition equal (base : nat) (ctx : list (nat * nat)) (a b : expr) : bool :=
  match normal base ctx (Add a (Neg b)) with
  | Some l => match collect base l with [] => true | _ => false end
  | None => false
  end.

Theorem equal_right base ctx r a b : ranges r ctx -> equal base ctx a b = true -> eval r a = eval r b.
Proof.
  intros G. unfold equal. destruct (normal base ctx _) as [l|] eqn:N; [|discriminate].
  destruct (collect base l) as [|m ms] eqn:C; [|discriminate]. intros _.
  pose proof (normal_right _ _ G N) as E. rewrite <- (collect_right base), C in E. cbn in E. lra.
Qed.
End Semantics.
